import type { IncomingHttpHeaders } from 'node:http'
import { invalidRequest } from './problems.ts'

/**
 * The request's `Idempotency-Key`.
 * @throws {Problem} 400 unless it is 1 to 255 visible ASCII characters
 */
export function readIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[!-~]{1,255}$/.test(key)) return key
  const message = 'must be given once, 1 to 255 visible ASCII characters'
  throw invalidRequest(`Idempotency-Key ${message}`, [{ path: 'Idempotency-Key', message }])
}

const parent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?=$|-)/

/**
 * The request's `traceparent`, if it is one: whoever gets a broken one is to go on as if there were none.
 * @see W3C Trace Context, 3.2 (versions after 00 may have more behind what we read)
 */
export function readTraceparent(headers: IncomingHttpHeaders): string | undefined {
  const given = headers.traceparent
  if (typeof given !== 'string') return undefined
  const [known] = parent.exec(given) ?? []
  return given.startsWith('00') && known !== given ? undefined : known
}

/**
 * Whether the answer is to leave out the ids.
 * @see RFC 7240, 4.2
 */
export function prefersMinimal(headers: IncomingHttpHeaders): boolean {
  return /(^|,)\s*return\s*=\s*"?minimal"?\s*(;|,|$)/i.test(String(headers.prefer ?? ''))
}
