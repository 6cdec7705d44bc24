import { addressesOf } from '@outbox/service/addresses-of'

const boundMs = 1_000

/**
 * Asks the relays how their circuit breakers towards Kafka stand: closed, open, halfOpen.
 * @returns by instance; without those that don't answer within 1 s
 */
export async function relayBreakers(urls: readonly string[]): Promise<Map<string, string>> {
  const each = await Promise.all(urls.map((url) => addressesOf(url)))
  const answers = await Promise.all(each.flat().map((url) => askRelay(url).catch(() => undefined)))
  const breakers = new Map<string, string>()
  for (const { instance, breaker } of answers.filter((answer) => answer !== undefined)) {
    if (typeof instance === 'string' && typeof breaker === 'string') breakers.set(instance, breaker)
  }
  return breakers
}

async function askRelay(url: string): Promise<{ instance?: unknown; breaker?: unknown } | undefined> {
  const answer = await fetch(new URL('/status', url), { signal: AbortSignal.timeout(boundMs) })
  return answer.ok ? ((await answer.json()) as { instance?: unknown; breaker?: unknown }) : undefined
}
