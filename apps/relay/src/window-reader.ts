import { makeTick, type Tick } from '@outbox/outbox/make-tick'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import { pollLog } from '@outbox/outbox/poll-log'
import { readTicks } from '@outbox/outbox/read-ticks'
import { type LoggedMessage, readWindow } from '@outbox/outbox/read-window'
import { readTopicPartitions, type TopicPartitions } from '@outbox/outbox/topic-partitions'
import type pg from 'pg'
import type { Cohort } from './shard-leases.ts'

/**
 * Part of the batch of tick `n`: `messages` in id order, which cover the log up to `end`. `more`: what stands behind it needs
 * no new tick.
 */
export type Window = { n: bigint; messages: LoggedMessage[]; end: Place; more: boolean; partitions: TopicPartitions }

/** `shardCount` is the log's; `windowIds` and `windowBytes` bound one window. */
export type WindowReaderOptions = { db: pg.Pool; shardCount: number; windowIds: number; windowBytes: number }

/** How many ticks that others made are read at once. */
const ticksAtOnce = 100

/** Reads the log window by window, the next one already while the present one is being published. */
export class WindowReader {
  readonly #options: WindowReaderOptions
  /** In order; one of them is the tick in which the last window stood. */
  #ticks: Tick[] = []
  #ahead: { cohort: Cohort; window: Promise<Window | undefined> } | undefined

  constructor(options: WindowReaderOptions) {
    this.#options = options
  }

  /** The window behind the cohort's position, or undefined when nothing is new. */
  async next(cohort: Cohort): Promise<Window | undefined> {
    const ahead = this.#ahead
    this.#ahead = undefined
    const window = await ahead?.window.catch(() => undefined)
    return window && ahead && sameCohort(ahead.cohort, cohort) ? window : this.#read(cohort)
  }

  /** Starts to read what `next(cohort)` will want; a failure shows there, when it is read again. */
  readAhead(cohort: Cohort): void {
    const window = this.#read(cohort)
    window.catch(() => {})
    this.#ahead = { cohort, window }
  }

  async #read({ position, shards }: Cohort): Promise<Window | undefined> {
    const { db, shardCount, windowIds, windowBytes } = this.#options
    const tick = await this.#tickBehind(position)
    if (!tick) return undefined
    const [{ messages, endId }, partitions] = await Promise.all([
      readWindow(db, {
        tick,
        afterId: position.n === tick.n ? position.id : 0n,
        shards: shards.length === shardCount ? 'all' : shards.map(({ shard }) => shard),
        windowIds,
        maxBytes: windowBytes,
      }),
      // Another relay may have made this tick, and said with it that a topic has more partitions.
      readTopicPartitions(db),
    ])
    const end = { n: tick.n, id: endId }
    return { n: tick.n, messages, end, more: tickBehind(this.#ticks, end) !== undefined, partitions }
  }

  /** The tick whose batch goes on behind `position`: the one it stands in, the next one, or one made now. */
  async #tickBehind(position: Place): Promise<Tick | undefined> {
    const { db } = this.#options
    const known = tickBehind(this.#ticks, position)
    if (known) return known
    const isDone = this.#ticks.some(({ n }) => n === position.n)
    const poll = isDone ? await pollLog(db) : undefined
    if (poll?.last.n === position.n && !poll.somethingNew) return undefined
    const made = poll && (await makeTick(db, { poll }))
    this.#ticks =
      made?.prev.n === position.n ? [made] : await readTicks(db, { after: position.n - 1n, limit: ticksAtOnce })
    return tickBehind(this.#ticks, position)
  }
}

/** The first tick of a log has itself for the one before. */
function tickBehind(ticks: readonly Tick[], { n, id }: Place): Tick | undefined {
  return ticks.find((tick) => (tick.n === n ? id < tick.lastId : tick.prev.n === n))
}

function sameCohort(one: Cohort, other: Cohort): boolean {
  return (
    comparePlaces(one.position, other.position) === 0 &&
    one.shards.length === other.shards.length &&
    one.shards.every(({ shard, epoch }, i) => other.shards[i]?.shard === shard && other.shards[i]?.epoch === epoch)
  )
}
