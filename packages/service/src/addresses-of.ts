import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

type Address = { address: string; family: number }

const lookUpAll = (host: string): Promise<Address[]> => lookup(host, { all: true })

/**
 * Everyone who stands behind a URL: a host name with several addresses, such as a service's name in Compose, is several apps.
 * @returns a URL for each address; the URL itself where there is one alone, or none is known, or a certificate is for the name
 */
export async function addressesOf(url: string, lookUp = lookUpAll): Promise<string[]> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'https:' || isIP(host) !== 0) return [url]
  const addresses = await lookUp(host).catch(() => [])
  if (addresses.length < 2) return [url]
  return addresses.map(({ address, family }) => {
    const authority = family === 6 ? `[${address}]` : address
    return `${protocol}//${authority}${port === '' ? '' : `:${port}`}`
  })
}
