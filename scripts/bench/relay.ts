import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import { type Drained, drainOutbox, windowMessages } from './drain-outbox.ts'
import { type Measured, median } from './measured.ts'
import { startProgram } from './own-process.ts'
import type { ProduceOrder, ProduceResult } from './raw-produce-main.ts'

const rounds = 5

/** One relay drains a full outbox, against kafkajs alone sending the same messages: as npm has it, and with our patch. */
export async function relay(bench: Bench): Promise<Measured[]> {
  const { messages = 1_000_000, report } = bench
  const released: Run[] = []
  const ours: Drained[] = []
  const patched: Run[] = []
  for (let round = 1; round <= rounds; round++) {
    const ceiling = await produceAlone(bench, { messages, kafkajs: 'released' })
    const own = await drainOutbox(bench, { messages })
    const bare = await produceAlone(bench, { messages, kafkajs: 'patched' })
    const alone = `kafkajs alone: ${describe(ceiling)}; with the patch: ${describe(bare)}`
    report(`relay ${round}/${rounds}: ${describe(own)}; ${alone}`)
    released.push(ceiling)
    ours.push(own)
    patched.push(bare)
  }
  const benchmark = 'relay'
  const share = (ceilings: Run[]) => median(ours.map(({ rate }, round) => rate / (ceilings[round]?.rate ?? Number.NaN)))
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

type Run = Pick<Drained, 'rate' | 'cpuMicros'>

async function produceAlone(
  { kafkaBrokers: brokers, signal }: Bench,
  { messages, kafkajs }: Pick<ProduceOrder, 'messages' | 'kafkajs'>,
): Promise<Run> {
  await using to = await benchTopic(brokers)
  const order: ProduceOrder = { brokers, topic: to.topic, messages, windowMessages, kafkajs }
  await using program = startProgram('raw-produce-main.ts', order, signal)
  const result = await program.next<ProduceResult>()
  return { rate: result.messages / result.seconds, cpuMicros: (result.cpuSeconds / result.messages) * 1e6 }
}

function describe({ rate, cpuMicros }: Run): string {
  return `${Math.round(rate).toLocaleString('en')}/s, ${cpuMicros.toFixed(1)} µs of CPU`
}
