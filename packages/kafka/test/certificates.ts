import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** A certificate and its private key, both as PEM. */
export type Certified = { certificate: string; key: string }

/** An authority of a test's own, good for a day. */
export type Authority = Certified & {
  /** @param hosts names and IPv4 addresses that the certificate is for; none in that of a client */
  certify(name: string, hosts?: readonly string[]): Certified
}

export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = { issuer: name, signer: privateKey }
  return {
    ...certified({ ...own, subject: name, publicKey, extensions: [isAuthority] }, privateKey),
    certify(subject, hosts = []) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const extensions = hosts.length > 0 ? [alternativeNames(hosts)] : []
      return certified({ ...own, subject, publicKey: pair.publicKey, extensions }, pair.privateKey)
    },
  }
}

type Contents = { issuer: string; subject: string; publicKey: KeyObject; extensions: Buffer[]; signer: KeyObject }

/** @see RFC 5280, 4.1; with ECDSA and SHA-256 */
function certified({ issuer, subject, publicKey, extensions, signer }: Contents, privateKey: KeyObject): Certified {
  const algorithm = sequence(oid('2a8648ce3d040302'))
  const contents = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])), // serial number
    algorithm,
    nameOf(issuer),
    sequence(time(Date.now() - dayMs), time(Date.now() + dayMs)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  )
  const signature = der(0x03, Buffer.of(0), sign('sha256', contents, signer))
  const body = sequence(contents, algorithm, signature).toString('base64').replace(/.{64}/g, '$&\n')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const dayMs = 86_400_000

/** Basic constraints: a CA. */
const isAuthority = sequence(oid('551d13'), der(0x01, Buffer.of(0xff)), der(0x04, sequence(der(0x01, Buffer.of(0xff)))))

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  )
  return sequence(oid('551d11'), der(0x04, sequence(...names)))
}

/** A common name alone. */
function nameOf(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
}

function time(ms: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`))
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts)
}

/** Tag, length, value. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts)
  const size = value.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.of(tag, ...length), value])
}
