import { once } from 'node:events'
import { appendMessages } from '@outbox/outbox/append-messages'
import type pg from 'pg'
import type { Bench } from './benchmark.ts'
import { measureLatency } from './measure-latency.ts'
import { type Measured, percentile } from './measured.ts'

/** The latency of everybody else while one writer has appended and stands idle in its open transaction, against that without it. */
export async function idleWriter(bench: Bench): Promise<Measured[]> {
  const { messages = 60_000, report } = bench
  const { latenciesMs } = await measureLatency(bench, [{ messages }, { messages, during: standIdle }])
  const p99 = latenciesMs.map((phase) => percentile(phase, 0.99))
  const [without = Number.NaN, beside = Number.NaN] = p99
  report(`idle writer: p99 ${without.toFixed(1)} ms without it, ${beside.toFixed(1)} ms beside it`)
  const benchmark = 'idle-writer'
  return [
    { benchmark, figure: 'p99 beside it, of that without', value: beside / without, unit: '', aim: { atMost: 1.5 } },
    { benchmark, figure: 'append → consumer, p99 without it', value: without, unit: 'ms' },
    { benchmark, figure: 'append → consumer, p99 beside it', value: beside, unit: 'ms' },
  ]
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
