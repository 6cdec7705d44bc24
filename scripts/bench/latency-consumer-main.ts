import { connectKafka } from '@outbox/kafka/connect-kafka'
import { runSubscriber } from '@outbox/kafka/subscriber'
import { say, takeOrder } from './own-program.ts'

/** Where to look for messages. Each holds its number, from 0 on, and, in ns by `process.hrtime`, when it was due. */
export type LatencyOrder = { brokers: string; topic: string }

/** Asks for the latencies of all messages below this number that were not told yet: answered once they were seen. */
export type LatencyQuestion = { until: number }

/** `ready` comes first, once it has the partitions. */
export type LatencyReport = { ready: true } | { latenciesMs: number[] }

/** Notes when it sees messages, and does nothing else. The machine has one monotonic clock for all processes. */
const { brokers, topic } = takeOrder<LatencyOrder>()
const latenciesMs: number[] = []
let seen = 0
let told = 0
let until = Number.POSITIVE_INFINITY
let ready = false

process.on('message', (question: LatencyQuestion) => {
  until = question.until
  tell()
})

const quiet = () => {}
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet }
await runSubscriber(connectKafka({ brokers: brokers.split(','), clientId: 'bench-latency', logger }), {
  group: `${topic}-latency`,
  topics: [topic],
  startAt: async () => undefined,
  onAssignment() {
    if (!ready) say({ ready: true } satisfies LatencyReport)
    ready = true
  },
  async onBatch(batch) {
    const nowNs = Number(process.hrtime.bigint())
    for (const { value } of batch.messages) {
      const { number, dueNs } = JSON.parse(value?.toString() ?? '')
      if (latenciesMs[number] !== undefined) continue
      latenciesMs[number] = (nowNs - dueNs) / 1e6
      seen += 1
    }
    tell()
    return { nextOffset: (batch.messages.at(-1)?.offset ?? batch.fetchedOffset) + 1n }
  },
  // Whoever started it ends it.
  signal: new AbortController().signal,
})

function tell(): void {
  if (seen < until) return
  say({ latenciesMs: latenciesMs.slice(told, until) } satisfies LatencyReport)
  told = until
  until = Number.POSITIVE_INFINITY
}
