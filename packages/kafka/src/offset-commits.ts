import type { Consumer } from 'kafkajs'
import type { KafkaLogger } from './connect-kafka.ts'
import { rootCause } from './kafka-error.ts'

type NextOffset = { topic: string; partition: number; nextOffset: bigint }

/**
 * Tells Kafka how far a group has come, for its lag only: collected, at most one commit each `intervalMs`.
 * A commit that fails is logged and made good by the next one.
 */
export class OffsetCommits {
  readonly #consumer: Consumer
  readonly #logger: KafkaLogger
  readonly #intervalMs: number
  readonly #pending = new Map<string, NextOffset>()
  #timer: NodeJS.Timeout | undefined

  constructor(consumer: Consumer, { logger, intervalMs }: { logger: KafkaLogger; intervalMs: number }) {
    this.#consumer = consumer
    this.#logger = logger
    this.#intervalMs = intervalMs
  }

  add(next: NextOffset): void {
    this.#pending.set(`${next.topic}/${next.partition}`, next)
    this.#timer ??= setTimeout(() => void this.flush(), this.#intervalMs)
  }

  /** Forgets what isn't committed yet: the partitions may be someone else's by now. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pending.clear()
  }

  /** Commits what is pending, now. Never rejects. */
  async flush(): Promise<void> {
    const offsets = Array.from(this.#pending.values(), ({ topic, partition, nextOffset }) => ({
      topic,
      partition,
      offset: nextOffset.toString(),
    }))
    this.clear()
    if (offsets.length === 0) return
    try {
      await this.#consumer.commitOffsets(offsets)
    } catch (error) {
      this.#logger.warn({ code: rootCause(error).kafkaCode }, 'offsets were not committed to Kafka: its lag is late')
    }
  }
}
