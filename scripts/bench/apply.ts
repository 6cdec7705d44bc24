import { crc32 } from 'node:zlib'
import { formatLoadtestHeader, loadtestHeader } from '@outbox/ledger/loadtest-header'
import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { cpuSeconds, peakMegabytes } from '@outbox/processes/process-cost'
import { benchDatabase, settleDatabase } from './bench-database.ts'
import { benchMessage } from './bench-message.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import { fillOutbox } from './fill-outbox.ts'
import type { Measured } from './measured.ts'
import { databasePid } from './server-process.ts'
import { startApps } from './start-apps.ts'
import { progressOf, watchCounter } from './watch-counter.ts'

/** One consumer applies a full topic: the ledger's effects, the positions and the offsets, all in PostgreSQL. */
export async function apply(bench: Bench): Promise<Measured[]> {
  const { databaseUrl, kafkaBrokers, messages = 600_000, report, signal } = bench
  await using database = await benchDatabase(databaseUrl, migrateOutbox)
  await using to = await benchTopic(kafkaBrokers)
  const on = { databaseUrl: database.url, topic: to.topic }
  await fillOutbox(database.pool, { messages, message: (number) => stampedMessage(to.topic, number), signal })
  {
    await using system = await startApps(bench, { ...on, names: ['relay-1'] })
    const url = system.apps[0]?.url ?? ''
    await watchCounter(url, { counter: 'outbox_relay_published_total', until: messages, signal })
  }
  await settleDatabase(database)

  await using system = await startApps(bench, { ...on, names: ['consumer-1'] })
  const { url = '', pid = 0 } = system.apps[0] ?? {}
  const postgres = databasePid(databaseUrl)
  const postgresBefore = cpuSeconds(postgres)
  const samples = await watchCounter(url, { counter: 'outbox_consumer_applied_total', until: messages, signal })
  const postgresMicros = ((cpuSeconds(postgres) - postgresBefore) / messages) * 1e6
  const progress = progressOf(samples)
  const rate = progress.messages / progress.seconds
  const cpuMicros = (progress.cpuSeconds / progress.messages) * 1e6
  report(
    `apply: ${Math.round(rate).toLocaleString('en')}/s, ${cpuMicros.toFixed(1)} µs of CPU, PostgreSQL ${postgresMicros.toFixed(1)} µs`,
  )
  const benchmark = 'apply'
  return [
    { benchmark, figure: 'rate', value: rate, unit: 'messages/s', aim: { atLeast: 30_000 } },
    { benchmark, figure: 'CPU of the consumer', value: cpuMicros, unit: 'µs/message' },
    { benchmark, figure: 'CPU of PostgreSQL', value: postgresMicros, unit: 'µs/message' },
    { benchmark, figure: "the consumer's memory at its peak", value: peakMegabytes(pid), unit: 'MB' },
  ]
}

/** As a load test would send it, so that it has an effect. */
function stampedMessage(topic: string, number: number): OutboxMessage {
  const message = benchMessage(topic, number)
  const stamp = { run: 'bench', sequence: number, keySequence: Math.floor(number / 1_000), sentAtMs: Date.now() }
  const header = formatLoadtestHeader({ ...stamp, checksum: crc32(message.payload) })
  return { ...message, headers: { [loadtestHeader]: header } }
}
