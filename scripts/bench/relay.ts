import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { benchDatabase, settleDatabase } from './bench-database.ts'
import { benchMessage } from './bench-message.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import { fillOutbox } from './fill-outbox.ts'
import { type Measured, median } from './measured.ts'
import { startProgram } from './own-process.ts'
import { peakMegabytes } from './process-cost.ts'
import type { ProduceOrder, ProduceResult } from './raw-produce-main.ts'
import { startApps } from './start-apps.ts'
import { progressOf, watchCounter } from './watch-counter.ts'

const pairs = 5
/** What is sent and confirmed at once, by both. */
const windowMessages = 3_000

/** One relay drains a full outbox, against kafkajs alone sending the same messages. */
export async function relay(bench: Bench): Promise<Measured[]> {
  const { messages = 1_000_000, report } = bench
  const released: Run[] = []
  const patched: Run[] = []
  const ours: (Run & { megabytes: number })[] = []
  for (let pair = 1; pair <= pairs; pair++) {
    const ceiling = await produceAlone(bench, { messages, kafkajs: 'released' })
    const own = await drain(bench, messages)
    const bare = await produceAlone(bench, { messages, kafkajs: 'patched' })
    report(
      `relay ${pair}/${pairs}: ${describe(own)}; kafkajs alone: ${describe(ceiling)}; with the patch: ${describe(bare)}`,
    )
    released.push(ceiling)
    ours.push(own)
    patched.push(bare)
  }
  const benchmark = 'relay'
  const share = (ceilings: Run[]) => median(ours.map(({ rate }, pair) => rate / (ceilings[pair]?.rate ?? Number.NaN)))
  const cpu = (runs: Run[]) => ({
    benchmark,
    value: median(runs.map(({ cpuMicros }) => cpuMicros)),
    unit: 'µs/message',
  })
  const megabytes = Math.max(...ours.map((run) => run.megabytes))
  return [
    { benchmark, figure: 'share of kafkajs alone', value: share(released), unit: '', aim: { atLeast: 0.9 } },
    { benchmark, figure: 'share of kafkajs alone, patched', value: share(patched), unit: '' },
    { benchmark, figure: 'rate', value: median(ours.map(({ rate }) => rate)), unit: 'messages/s' },
    { ...cpu(ours), figure: 'CPU of the relay', aim: { atMost: 16 } },
    { ...cpu(released), figure: 'CPU of kafkajs alone' },
    { ...cpu(patched), figure: 'CPU of kafkajs alone, patched' },
    { benchmark, figure: "the relay's memory at its peak", value: megabytes, unit: 'MB', aim: { atMost: 200 } },
  ]
}

/** `rate`: messages a second; `cpuMicros`: a message. */
type Run = { rate: number; cpuMicros: number }

async function produceAlone(
  { kafkaBrokers: brokers, signal }: Bench,
  { messages, kafkajs }: Pick<ProduceOrder, 'messages' | 'kafkajs'>,
): Promise<Run> {
  await using to = await benchTopic(brokers)
  const order: ProduceOrder = { brokers, topic: to.topic, messages, windowMessages, kafkajs }
  await using program = startProgram('raw-produce-main.ts', order, signal)
  return runOf(await program.next<ProduceResult>())
}

async function drain(bench: Bench, messages: number): Promise<Run & { megabytes: number }> {
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
  return { ...runOf(progressOf(samples)), megabytes: peakMegabytes(pid) }
}

function runOf({ messages, seconds, cpuSeconds }: ProduceResult): Run {
  return { rate: messages / seconds, cpuMicros: (cpuSeconds / messages) * 1e6 }
}

function describe({ rate, cpuMicros }: Run): string {
  return `${Math.round(rate).toLocaleString('en')}/s, ${cpuMicros.toFixed(1)} µs of CPU`
}
