import type { Consumer } from 'kafkajs'
import { backOff } from './back-off.ts'
import type { KafkaLogger } from './connect-kafka.ts'
import type { LogBounds } from './log-bounds.ts'
import type { OffsetCommits } from './offset-commits.ts'

export type TopicPartition = { topic: string; partition: number }

/** Where a member stands in a partition. */
export type Position = TopicPartition & {
  /** the next offset to be applied, as `startAt` or `onBatch` gave it */
  kept: bigint
  /** from where kafkajs fetches next: beyond `kept` where no messages stand between, such as a transaction's marker */
  fetchFrom: bigint
  logStart: bigint | undefined
  /** attempts in a row at the batch at `kept` that failed */
  failures: number
}

type Parts = {
  consumer: Consumer
  commits: OffsetCommits
  logger: KafkaLogger
  startAt: (topic: string, partition: number) => Promise<bigint | undefined>
  readBounds: (topics: readonly string[]) => Promise<Map<string, Map<number, LogBounds>>>
}

/** What one rebalance gave to this member. Its partitions are fetched from where `startAt` says, never from where Kafka says. */
export class Assignment {
  readonly partitions: readonly TopicPartition[]
  readonly #parts: Parts
  readonly #ended = new AbortController()
  readonly #positions = new Map<string, Position>()

  /** Must be made before kafkajs fetches: it pauses the partitions, and takes them up one by one as it knows their positions. */
  constructor(partitions: readonly TopicPartition[], parts: Parts) {
    this.partitions = partitions
    this.#parts = parts
    parts.commits.clear()
    this.pause()
    if (partitions.length > 0) void this.#begin()
  }

  /** Aborts when this assignment is over. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** @returns undefined where the partition isn't this member's, or hasn't been taken up yet */
  position({ topic, partition }: TopicPartition): Position | undefined {
    return this.#positions.get(`${topic}/${partition}`)
  }

  /** Goes to `offset` with the next fetch; what was fetched before is dropped. */
  seek(position: Position, offset: bigint): void {
    position.kept = offset
    position.fetchFrom = offset
    this.#parts.consumer.seek({ topic: position.topic, partition: position.partition, offset: offset.toString() })
  }

  pause(): void {
    if (this.partitions.length === 0) return
    this.#parts.consumer.pause(this.partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })))
  }

  end(): void {
    this.#ended.abort(new Error('the partitions were given to other members, or this one stops'))
  }

  async #begin(): Promise<void> {
    const topics = [...new Set(this.partitions.map(({ topic }) => topic))]
    const bounds = await this.#parts.readBounds(topics).catch((err: unknown) => {
      this.#parts.logger.warn({ err, topics }, 'where the log begins and ends is not known yet')
    })
    await Promise.all(this.partitions.map((at) => this.#takeUp(at, bounds?.get(at.topic)?.get(at.partition)?.start)))
  }

  async #takeUp({ topic, partition }: TopicPartition, logStart: bigint | undefined): Promise<void> {
    for (let attempt = 1; !this.ended.aborted; attempt += 1) {
      try {
        const kept = (await this.#parts.startAt(topic, partition)) ?? logStart ?? 0n
        if (this.ended.aborted) return
        const position = { topic, partition, kept, fetchFrom: kept, logStart, failures: 0 }
        this.#positions.set(`${topic}/${partition}`, position)
        this.seek(position, kept)
        this.#parts.consumer.resume([{ topic, partitions: [partition] }])
        this.#parts.commits.add({ topic, partition, nextOffset: kept })
        return
      } catch (err) {
        this.#parts.logger.warn({ err, topic, partition }, 'where to start reading is not known yet')
        await backOff(attempt, this.ended)
      }
    }
  }
}
