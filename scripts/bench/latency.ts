import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { appendOnTimetable } from './append-on-timetable.ts'
import { benchDatabase } from './bench-database.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import type { LatencyOrder } from './latency-consumer-main.ts'
import { type Measured, percentile } from './measured.ts'
import { startProgram } from './own-process.ts'
import { cpuSeconds } from './process-cost.ts'
import { startApps } from './start-apps.ts'

const perSecond = 1_000
const warmUpMessages = 3 * perSecond
const payloadBytes = 256

/** One-row transactions on a timetable: from the moment that one is due until a consumer sees its message. */
export async function latency(bench: Bench): Promise<Measured[]> {
  const { databaseUrl, kafkaBrokers: brokers, messages = 30_000, report, signal } = bench
  await using database = await benchDatabase(databaseUrl, migrateOutbox)
  await using to = await benchTopic(brokers)
  const { topic } = to
  await using system = await startApps(bench, { databaseUrl: database.url, topic, names: ['relay-1'] })
  const order: LatencyOrder = { brokers, topic, messages: warmUpMessages + messages }
  await using consumer = startProgram('latency-consumer-main.ts', order, signal)
  await consumer.next<{ ready: true }>()

  const pid = system.apps[0]?.pid ?? 0
  const timetable = { perSecond, message: (number: number, dueNs: number) => stampedMessage(topic, number, dueNs) }
  const cpuBefore = cpuSeconds(pid)
  await appendOnTimetable(database.pool, { ...timetable, messages: order.messages, signal })
  const { latenciesMs } = await consumer.next<{ latenciesMs: number[] }>()
  const cpuMicros = ((cpuSeconds(pid) - cpuBefore) / order.messages) * 1e6

  const measured = latenciesMs.slice(warmUpMessages)
  const benchmark = 'latency'
  const at = (share: number) => percentile(measured, share)
  report(`latency: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, p99.9 ${at(0.999).toFixed(1)} ms`)
  return [
    { benchmark, figure: 'append → consumer, p50', value: at(0.5), unit: 'ms', aim: { atMost: 8 } },
    { benchmark, figure: 'append → consumer, p99', value: at(0.99), unit: 'ms', aim: { atMost: 30 } },
    { benchmark, figure: 'append → consumer, p99.9', value: at(0.999), unit: 'ms' },
    { benchmark, figure: 'CPU of the relay', value: cpuMicros, unit: 'µs/message' },
  ]
}

function stampedMessage(topic: string, number: number, dueNs: number): OutboxMessage {
  const stamp = JSON.stringify({ number, dueNs })
  return { topic, key: `key-${number % 1_000}`, payload: stamp.padEnd(payloadBytes) }
}
