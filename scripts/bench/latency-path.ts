import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import type pg from 'pg'
import { appendOnTimetable } from './append-on-timetable.ts'
import { benchDatabase } from './bench-database.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import type { LatencyOrder, LatencyQuestion } from './latency-consumer-main.ts'
import { startProgram } from './own-process.ts'
import { startApps } from './start-apps.ts'

/** Messages on a timetable. */
export type Sending = { messages: number; perSecond: number; perTransaction: number }

/** From the append by one relay to a consumer that notes when it sees a message. Leaving the scope ends it. */
export type LatencyPath = AsyncDisposable & {
  db: pg.Pool
  relayPid: number
  /** @returns in the order of the sending, from the moment that a message is due until the consumer sees it, in ms */
  send(sending: Sending): Promise<number[]>
}

const payloadBytes = 256

/** Starts a relay and a consumer on a database and a topic of their own. */
export async function openLatencyPath(bench: Bench): Promise<LatencyPath> {
  const { databaseUrl, kafkaBrokers: brokers, signal } = bench
  await using opened = new AsyncDisposableStack()
  const database = opened.use(await benchDatabase(databaseUrl, migrateOutbox))
  const { topic } = opened.use(await benchTopic(brokers))
  const system = opened.use(await startApps(bench, { databaseUrl: database.url, topic, names: ['relay-1'] }))
  const order: LatencyOrder = { brokers, topic }
  const consumer = opened.use(startProgram('latency-consumer-main.ts', order, signal))
  await consumer.next<{ ready: true }>()
  let sent = 0
  const resources = opened.move()
  return {
    db: database.pool,
    relayPid: system.apps[0]?.pid ?? 0,
    async send(sending) {
      const first = sent
      const message = (number: number, dueNs: number) => stampedMessage(topic, first + number, dueNs)
      await appendOnTimetable(database.pool, { ...sending, message, signal })
      sent += sending.messages
      const { latenciesMs } = await consumer.ask<LatencyQuestion, { latenciesMs: number[] }>({ until: sent })
      return latenciesMs
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function stampedMessage(topic: string, number: number, dueNs: number): OutboxMessage {
  const stamp = JSON.stringify({ number, dueNs })
  return { topic, key: `key-${number % 1_000}`, payload: stamp.padEnd(payloadBytes) }
}
