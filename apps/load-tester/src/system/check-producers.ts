import { addressesOf } from '@outbox/service/addresses-of'
import { request } from 'undici'

/** A producer as its health check left it; `reason`: why it isn't used; `joinedAtMs`: when it came, since the run's start. */
export type CheckedProducer = { name: string; url: string; healthy: boolean; reason?: string; joinedAtMs?: number }

/** Puts one that joined into the list, in the place of what was known of its address. */
export function addJoined(producers: CheckedProducer[], joined: CheckedProducer): void {
  const place = producers.findIndex(({ url, name }) => url === joined.url || name === joined.name)
  if (place >= 0) producers[place] = joined
  else producers.push(joined)
}

/**
 * Asks each producer whether it is ready. A host name with several addresses is several producers, and several URLs
 * that lead to the same one are one.
 * @returns those that answer under the names that they give themselves, and the others
 */
export async function checkProducers(urls: readonly string[], timeoutMs: number): Promise<CheckedProducer[]> {
  const resolved = await Promise.all(urls.map((url) => addressesOf(url)))
  const checked = await Promise.all(resolved.flat().map((url) => check(url, timeoutMs)))
  const names = new Set<string>()
  return checked.filter(({ name, healthy }) => {
    if (!healthy) return true
    const isNew = !names.has(name)
    names.add(name)
    return isNew
  })
}

async function check(url: string, timeoutMs: number): Promise<CheckedProducer> {
  const name = new URL(url).host
  try {
    const { statusCode, body } = await request(`${url}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) })
    const text = await body.text()
    const named = nameIn(text) ?? name
    if (statusCode === 200) return { name: named, url, healthy: true }
    return { name: named, url, healthy: false, reason: `answers ${statusCode}: ${text.slice(0, 200)}` }
  } catch (error) {
    return { name, url, healthy: false, reason: reasonOf(error, timeoutMs) }
  }
}

function nameIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null || !('instance' in answer)) return undefined
    return typeof answer.instance === 'string' ? answer.instance : undefined
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`
  const code = 'code' in error ? String(error.code) : error.name
  return code === 'ECONNREFUSED' ? 'nobody listens there' : error.message || code
}
