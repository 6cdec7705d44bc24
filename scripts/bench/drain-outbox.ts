import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { peakMegabytes } from '@outbox/processes/process-cost'
import { benchDatabase, settleDatabase } from './bench-database.ts'
import { benchMessage } from './bench-message.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import { fillOutbox } from './fill-outbox.ts'
import { startApps } from './start-apps.ts'
import { progressOf, watchCounter } from './watch-counter.ts'

/** `rate`: messages a second; `cpuMicros`: of the relay, a message; `megabytes`: its memory at its peak. */
export type Drained = { rate: number; cpuMicros: number; megabytes: number }

/** What the relay sends and has confirmed at once. */
export const windowMessages = 3_000

/**
 * Fills an outbox, then starts one relay on it and measures until all is published.
 * @param warmUp so many messages don't count: until then the relay is being compiled
 */
export async function drainOutbox(
  bench: Bench,
  { messages, warmUp = 0 }: { messages: number; warmUp?: number },
): Promise<Drained> {
  const { databaseUrl, kafkaBrokers, signal } = bench
  await using database = await benchDatabase(databaseUrl, migrateOutbox)
  await using to = await benchTopic(kafkaBrokers)
  const { topic } = to
  await fillOutbox(database.pool, { messages, message: (number) => benchMessage(topic, number), signal })
  await settleDatabase(database)
  const env = { ...bench.env, RELAY_WINDOW_IDS: String(windowMessages) }
  await using system = await startApps({ ...bench, env }, { databaseUrl: database.url, topic, names: ['relay-1'] })
  const { url = '', pid = 0 } = system.apps[0] ?? {}
  const samples = await watchCounter(url, { counter: 'outbox_relay_published_total', until: messages, signal })
  const progress = progressOf(samples.filter(({ count }) => count >= warmUp))
  return {
    rate: progress.messages / progress.seconds,
    cpuMicros: (progress.cpuSeconds / progress.messages) * 1e6,
    megabytes: peakMegabytes(pid),
  }
}
