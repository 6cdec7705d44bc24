import type { KafkaConnection } from '../src/connect-kafka.ts'
import type { ReceivedBatch, ReceivedMessage } from '../src/received-batch.ts'
import { runSubscriber, type SubscriberOptions } from '../src/subscriber.ts'
import { uniqueName } from './fresh-topic.ts'

/** A member of a group that keeps its positions in memory, and ends with the scope. */
export type Reader = AsyncDisposable & {
  /** names of the messages by partition, in the order of their arrival */
  names: string[][]
  messages: ReceivedMessage[]
  batches: ReceivedBatch[]
  /** next offsets by partition; may be set before the partition is assigned */
  kept: Map<number, bigint>
  assigned: number[]
  ended: Promise<void>
  stop(): Promise<void>
}

const quick = { maxWaitMs: 50, heartbeatMs: 100, sessionTimeoutMs: 6_000, metadataMaxAgeMs: 200, commitIntervalMs: 50 }

export function startReader(
  connection: KafkaConnection,
  { topic, kept = new Map(), ...options }: { topic: string; kept?: Map<number, bigint> } & Partial<SubscriberOptions>,
): Reader {
  const controller = new AbortController()
  const reader: Omit<Reader, 'ended' | 'stop' | typeof Symbol.asyncDispose> = {
    names: [],
    messages: [],
    batches: [],
    kept,
    assigned: [],
  }
  const ended = runSubscriber(connection, {
    group: uniqueName(),
    topics: [topic],
    startAt: async (_, partition) => kept.get(partition),
    onBatch: async (batch) => keep(reader, batch),
    onAssignment: (partitions) => {
      reader.assigned = partitions.map(({ partition }) => partition)
    },
    signal: controller.signal,
    ...options,
    bounds: { ...quick, ...options.bounds },
  })
  ended.catch(() => {})
  const stop = () => {
    controller.abort()
    return ended
  }
  return Object.assign(reader, { ended, stop, [Symbol.asyncDispose]: () => stop().catch(() => {}) })
}

/** What an inbox does: applies what comes at the kept offset, and moves it. */
export function keep(reader: Pick<Reader, 'names' | 'messages' | 'batches' | 'kept'>, batch: ReceivedBatch) {
  const { partition, messages } = batch
  reader.batches.push(batch)
  reader.messages.push(...messages)
  reader.names[partition] ??= []
  reader.names[partition].push(...messages.map(({ headers }) => headers.name ?? ''))
  const nextOffset = (messages.at(-1)?.offset ?? batch.fetchedOffset - 1n) + 1n
  reader.kept.set(partition, nextOffset)
  return { nextOffset }
}
