import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import type pg from 'pg'
import { appendOnTimetable } from './append-on-timetable.ts'
import { benchDatabase } from './bench-database.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import type { LatencyOrder } from './latency-consumer-main.ts'
import { startProgram } from './own-process.ts'
import { cpuSeconds } from './process-cost.ts'
import { startApps } from './start-apps.ts'

/** So many one-row transactions on the timetable; `during` goes on meanwhile, until its signal aborts. */
export type LatencyPhase = { messages: number; during?: (db: pg.Pool, signal: AbortSignal) => Promise<void> }

/** By phase, from the moment that a message is due until a consumer sees it, in ms; and what the relay took for one. */
export type MeasuredLatency = { latenciesMs: number[][]; relayCpuMicros: number }

const perSecond = 1_000
const warmUpMessages = 3 * perSecond
const payloadBytes = 256

/** Sends 1,000 one-row transactions a second through one relay, phase after phase, behind a warm-up. */
export async function measureLatency(bench: Bench, phases: readonly LatencyPhase[]): Promise<MeasuredLatency> {
  const { databaseUrl, kafkaBrokers: brokers, signal } = bench
  await using database = await benchDatabase(databaseUrl, migrateOutbox)
  await using to = await benchTopic(brokers)
  const { topic } = to
  await using system = await startApps(bench, { databaseUrl: database.url, topic, names: ['relay-1'] })
  const all = [{ messages: warmUpMessages }, ...phases]
  const messages = all.reduce((sum, phase) => sum + phase.messages, 0)
  const order: LatencyOrder = { brokers, topic, messages }
  await using consumer = startProgram('latency-consumer-main.ts', order, signal)
  await consumer.next<{ ready: true }>()

  const pid = system.apps[0]?.pid ?? 0
  const cpuBefore = cpuSeconds(pid)
  const ends: number[] = []
  for (const { messages, during } of all as LatencyPhase[]) {
    const first = ends.at(-1) ?? 0
    const over = new AbortController()
    const meanwhile = during?.(database.pool, over.signal)
    const message = (number: number, dueNs: number) => stampedMessage(topic, first + number, dueNs)
    await appendOnTimetable(database.pool, { perSecond, messages, message, signal })
    over.abort()
    await meanwhile
    ends.push(first + messages)
  }
  const { latenciesMs } = await consumer.next<{ latenciesMs: number[] }>()
  return {
    latenciesMs: phases.map((_, at) => latenciesMs.slice(ends[at], ends[at + 1])),
    relayCpuMicros: ((cpuSeconds(pid) - cpuBefore) / messages) * 1e6,
  }
}

function stampedMessage(topic: string, number: number, dueNs: number): OutboxMessage {
  const stamp = JSON.stringify({ number, dueNs })
  return { topic, key: `key-${number % 1_000}`, payload: stamp.padEnd(payloadBytes) }
}
