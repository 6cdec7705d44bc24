import { generate } from 'selfsigned'

/** A certificate and its private key, both as PEM. */
export type Certified = { certificate: string; key: string }

/** An authority of a test's own. */
export type Authority = Certified & {
  /** @param hosts that the certificate is for; none in that of a client */
  certify(name: string, hosts?: readonly string[]): Promise<Certified>
}

type Generating = NonNullable<Parameters<typeof generate>[1]>

export async function createAuthority(name: string): Promise<Authority> {
  const authority = await certified(name, { extensions: [{ name: 'basicConstraints', cA: true }] })
  const ca = { key: authority.key, cert: authority.certificate }
  return {
    ...authority,
    async certify(subject, hosts = []) {
      const altNames = hosts.map((value) => ({ type: 2 as const, value }))
      return await certified(subject, {
        ca,
        extensions: [
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          ...(altNames.length > 0 ? [{ name: 'subjectAltName' as const, altNames }] : []),
        ],
      })
    },
  }
}

async function certified(name: string, options: Generating): Promise<Certified> {
  const how = { keyType: 'ec', algorithm: 'sha256', ...options } as const
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], how)
  return { certificate: cert, key }
}
