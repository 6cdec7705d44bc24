import type { TopicPartition } from '@outbox/kafka/subscriber'

/** How a member stands in a partition that it has. */
export type PartitionState = TopicPartition & {
  /** Where it goes on; undefined until it is known, or where it begins at the log's start. */
  nextOffset: bigint | undefined
  /** One beyond the last offset in Kafka, as last heard. */
  logEnd: bigint | undefined
  /** Messages. */
  lag: bigint | undefined
  /** Why nothing of it is applied any more. */
  stopped: { code: string; reason: string } | undefined
  /** Why it doesn't go on for now: a message that fails, and no room for another dead letter. */
  held: string | undefined
}

/** The partitions that a member has, for its status and its metrics. */
export class AssignedPartitions {
  #states = new Map<string, PartitionState>()

  get all(): PartitionState[] {
    return [...this.#states.values()]
  }

  /** Messages, over all of them. */
  get lag(): bigint {
    return this.all.reduce((sum, { lag = 0n }) => sum + lag, 0n)
  }

  /** Why the member isn't all it should be: each stopped partition with its reason. */
  get trouble(): string | undefined {
    const stopped = this.all.flatMap(({ topic, partition, stopped }) =>
      stopped ? [`${topic}/${partition}: ${stopped.reason}`] : [],
    )
    return stopped.length === 0 ? undefined : stopped.join('; ')
  }

  /** Which partitions wait for room among the dead letters, and why. */
  get held(): string | undefined {
    const held = this.all.filter(({ held }) => held !== undefined)
    const names = held.map(({ topic, partition }) => `${topic}/${partition}`)
    return held[0] && `${names.join(', ')}: ${held[0].held}`
  }

  /** A rebalance is over: what is known of other partitions is forgotten, and what had stopped may go on. */
  assign(partitions: readonly TopicPartition[]): void {
    const known = this.#states
    this.#states = new Map(
      partitions.map(({ topic, partition }) => {
        const key = keyOf({ topic, partition })
        const logEnd = known.get(key)?.logEnd
        const fresh = { nextOffset: undefined, lag: undefined, stopped: undefined, held: undefined }
        return [key, { topic, partition, logEnd, ...fresh }]
      }),
    )
  }

  /** Takes what is new of a partition; of one that another member has by now, nothing. */
  note({ topic, partition }: TopicPartition, news: Partial<Omit<PartitionState, 'lag'>>): void {
    const state = this.#states.get(keyOf({ topic, partition }))
    if (!state) return
    Object.assign(state, news)
    const { nextOffset, logEnd } = state
    if (nextOffset !== undefined && logEnd !== undefined) state.lag = logEnd > nextOffset ? logEnd - nextOffset : 0n
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
