import { connectKafka } from '@outbox/kafka/connect-kafka'
import { runSubscriber } from '@outbox/kafka/subscriber'
import { say, takeOrder } from './own-program.ts'

/** Which messages to wait for. Each holds its number and, in ns by `process.hrtime`, when it was due. */
export type LatencyOrder = { brokers: string; topic: string; messages: number }

/** Says `ready` once it has the partitions, and the latencies by the messages' numbers when all were seen. */
export type LatencyReport = { ready: true } | { latenciesMs: number[] }

/** Notes when it sees messages, and does nothing else. The machine has one monotonic clock for all processes. */
const { brokers, topic, messages } = takeOrder<LatencyOrder>()
const latenciesMs: number[] = []
const finished = new AbortController()
let seen = 0

const quiet = () => {}
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet }
await runSubscriber(connectKafka({ brokers: brokers.split(','), clientId: 'bench-latency', logger }), {
  group: `${topic}-latency`,
  topics: [topic],
  startAt: async () => undefined,
  onAssignment: () => void say({ ready: true } satisfies LatencyReport),
  async onBatch(batch) {
    const nowNs = Number(process.hrtime.bigint())
    for (const { value } of batch.messages) {
      const { number, dueNs } = JSON.parse(value?.toString() ?? '')
      latenciesMs[number] = (nowNs - dueNs) / 1e6
      seen += 1
    }
    if (seen >= messages) finished.abort()
    return { nextOffset: (batch.messages.at(-1)?.offset ?? batch.fetchedOffset) + 1n }
  },
  signal: finished.signal,
})
await say({ latenciesMs } satisfies LatencyReport)
process.exit(0)
