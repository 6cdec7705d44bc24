import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import type { HopSample } from '../run-sample.ts'
import { type CumulativeCounts, countedBetween, percentileOf, readHistogram } from './histogram-difference.ts'

/** The apps that measure the two hops which the tester doesn't see. */
export type HopApps = { relays: readonly string[]; consumers: readonly string[] }

/** The hops as the apps have measured them lately. */
export type HopWatch = { latest(): { publish?: HopSample; endToEnd?: HopSample }; end(): Promise<void> }

/** Each look costs an app a millisecond or two. */
const usualMs = 2_000
const timeoutMs = 1_000
/** From the append of a window's or batch's oldest message: the worst of those that are published or applied together. */
const metrics = { publish: 'outbox_relay_lag_seconds', endToEnd: 'outbox_consumer_end_to_end_seconds' } as const

/** Looks at the apps' `/metrics` every `everyMs` until it is ended; apps that don't answer are left out. */
export function watchHops({ relays, consumers }: HopApps, everyMs = usualMs): HopWatch {
  const over = new AbortController()
  const hops = [
    { name: 'publish', looks: watchHistogram(relays, metrics.publish) },
    { name: 'endToEnd', looks: watchHistogram(consumers, metrics.endToEnd) },
  ] as const
  let latest: ReturnType<HopWatch['latest']> = {}

  const watch = async () => {
    while (!over.signal.aborted) {
      const found = await Promise.all(hops.map(async ({ name, looks }) => [name, await looks()] as const))
      latest = Object.fromEntries(found.filter(([, hop]) => hop !== undefined))
      await sleep(everyMs, undefined, { signal: over.signal }).catch(() => {})
    }
  }
  const watching = watch()
  return {
    latest: () => latest,
    async end() {
      over.abort()
      await watching
    },
  }
}

/** @returns a function that looks at the histogram of each app, and says what has come since the look before */
function watchHistogram(urls: readonly string[], metric: string): () => Promise<HopSample | undefined> {
  const before = new Map<string, CumulativeCounts>()
  return async () => {
    const looks = await Promise.all(
      urls.map(async (url) => {
        const now = await readMetrics(url).then(
          (text) => readHistogram(text, metric),
          () => undefined,
        )
        const last = before.get(url)
        if (now !== undefined) before.set(url, now)
        return now === undefined || last === undefined ? [] : [[last, now] as const]
      }),
    )
    const counts = countedBetween(looks.flat())
    const [p50, p99] = [percentileOf(counts, 50), percentileOf(counts, 99)]
    return p50 === undefined || p99 === undefined ? undefined : { p50: p50 * 1_000, p99: p99 * 1_000 }
  }
}

async function readMetrics(url: string): Promise<string> {
  const { statusCode, body } = await request(`${url}/metrics`, { signal: AbortSignal.timeout(timeoutMs) })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${url}/metrics answers ${statusCode}`)
  return text
}
