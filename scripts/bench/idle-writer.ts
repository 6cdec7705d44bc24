import { once } from 'node:events'
import { appendMessages } from '@outbox/outbox/append-messages'
import type pg from 'pg'
import { benchDatabase } from './bench-database.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import { startLoadTest } from './load-test.ts'
import { measureLatency } from './measure-latency.ts'
import { type Measured, percentile } from './measured.ts'
import { startApps } from './start-apps.ts'

/**
 * The latency of everybody else while one writer has appended and stands idle in its open transaction, against that without it: to a
 * consumer of the topic, and through the whole system to the effect.
 */
export async function idleWriter(bench: Bench): Promise<Measured[]> {
  return [
    ...figuresOf(await toConsumer(bench), { way: 'append → consumer', bench }),
    ...figuresOf(await toEffect(bench), { way: 'request → effect', bench }),
  ]
}

/** The 99th percentile in ms. */
type Compared = { without: number; beside: number }

function figuresOf({ without, beside }: Compared, { way, bench }: { way: string; bench: Bench }): Measured[] {
  bench.report(`idle writer: ${way} p99 ${without.toFixed(1)} ms without it, ${beside.toFixed(1)} ms beside it`)
  const benchmark = 'idle-writer'
  return [
    {
      benchmark,
      figure: `${way}, p99 beside it, of that without`,
      value: beside / without,
      unit: '',
      aim: { atMost: 1.5 },
    },
    { benchmark, figure: `${way}, p99 without it`, value: without, unit: 'ms' },
    { benchmark, figure: `${way}, p99 beside it`, value: beside, unit: 'ms' },
  ]
}

/** For a minute each, at 1,000 one-row transactions a second. */
async function toConsumer(bench: Bench): Promise<Compared> {
  const { messages = 60_000 } = bench
  const { latenciesMs } = await measureLatency(bench, [{ messages }, { messages, during: standIdle }])
  const [without = Number.NaN, beside = Number.NaN] = latenciesMs.map((phase) => percentile(phase, 0.99))
  return { without, beside }
}

/** For about a minute each, as fast as four requests at once are answered. */
async function toEffect(bench: Bench): Promise<Compared> {
  const { databaseUrl, kafkaBrokers, messages = 60_000, signal } = bench
  await using database = await benchDatabase(databaseUrl, async () => {})
  await using to = await benchTopic(kafkaBrokers)
  const { topic } = to
  await using system = await startApps(bench, { databaseUrl: database.url, topic })
  const p99 = async (run: string) => {
    const options = { run: `${topic}-${run}`, topic, messages, batchSize: 5, concurrency: 4, signal }
    return (await startLoadTest(system, options).report).latencyMs.endToEnd.p99
  }
  await p99('warm-up')
  const without = await p99('without')
  const over = new AbortController()
  const idle = standIdle(database.pool, over.signal)
  const beside = await p99('beside')
  over.abort()
  await idle
  return { without, beside }
}

async function standIdle(db: pg.Pool, signal: AbortSignal): Promise<void> {
  const client = await db.connect()
  try {
    await client.query('set idle_in_transaction_session_timeout = 0')
    await client.query('begin')
    await appendMessages(client, [{ topic: 'never-sent', key: 'idle', payload: 'rolled back' }])
    if (!signal.aborted) await once(signal, 'abort')
    await client.query('rollback')
  } finally {
    // The setting goes with the session.
    client.release(true)
  }
}
