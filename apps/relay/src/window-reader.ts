import { makeTick, type Tick } from '@outbox/outbox/make-tick'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import { pollLog } from '@outbox/outbox/poll-log'
import { readTicks } from '@outbox/outbox/read-ticks'
import { type LoggedMessage, readWindow } from '@outbox/outbox/read-window'
import { readTopicPartitions, type TopicPartitions } from '@outbox/outbox/topic-partitions'
import type pg from 'pg'
import type { RelayMetrics } from './relay-metrics.ts'
import { type Cohort, sameShards } from './shard-leases.ts'

/**
 * Part of the log: `messages` in the order of their places, which cover it up to `end`, of one batch or of several. `more`: what
 * stands behind it needs no new tick.
 */
export type Window = { messages: LoggedMessage[]; end: Place; more: boolean; partitions: TopicPartitions }

/** `shardCount` is the log's; `windowIds` and `windowBytes` bound one window. */
export type WindowReaderOptions = {
  db: pg.Pool
  shardCount: number
  windowIds: number
  windowBytes: number
  metrics: Pick<RelayMetrics, 'ticked' | 'read'>
}

/** How many ticks that others made are read at once, and the most batches that a window spans. */
const ticksAtOnce = 100

/** Reads the log window by window, the next one already while the present one is being published. */
export class WindowReader {
  readonly #options: WindowReaderOptions
  /** In order; one of them is the tick in which the last window stood. */
  #ticks: Tick[] = []
  /** As those ticks say. */
  #partitions: TopicPartitions | undefined
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
    const { db, shardCount, windowIds, windowBytes, metrics } = this.#options
    const first = await this.#tickBehind(position)
    if (!first) return undefined
    const beganAtMs = performance.now()
    const messages: LoggedMessage[] = []
    let bytes = 0
    let end = position
    // Where several relays make ticks, each has few messages: a send a tick would leave all of them behind.
    let tick: Tick | undefined = first
    while (tick && messages.length < windowIds && bytes < windowBytes) {
      const part = await readWindow(db, {
        tick,
        afterId: end.n === tick.n ? end.id : 0n,
        shards: shards.length === shardCount ? 'all' : shards.map(({ shard }) => shard),
        windowIds: windowIds - messages.length,
        maxBytes: windowBytes - bytes,
      })
      for (const message of part.messages) messages.push(message)
      bytes += part.bytes
      end = { n: tick.n, id: part.endId }
      tick = tickBehind(this.#ticks, end)
    }
    const partitions = await this.#partitionsFor(messages)
    metrics.read((performance.now() - beganAtMs) / 1_000)
    return { messages, end, more: tick !== undefined, partitions }
  }

  /** A topic that wasn't known when its messages were ticked gets its partitions with a later tick. */
  async #partitionsFor(messages: readonly LoggedMessage[]): Promise<TopicPartitions> {
    const known = this.#partitions
    if (known && messages.every(({ topic }) => known.latest(topic) !== undefined)) return known
    this.#partitions = await readTopicPartitions(this.#options.db)
    return this.#partitions
  }

  /** The tick whose batch goes on behind `position`: the one it stands in, the next one, or one made now. */
  async #tickBehind(position: Place): Promise<Tick | undefined> {
    const { db, metrics } = this.#options
    const known = tickBehind(this.#ticks, position)
    if (known) return known
    const beganAtMs = performance.now()
    const isDone = this.#ticks.some(({ n }) => n === position.n)
    const poll = isDone ? await pollLog(db) : undefined
    if (poll?.last.n === position.n && !poll.somethingNew) return undefined
    const made = poll && (await makeTick(db, { poll }))
    if (made) metrics.ticked((performance.now() - beganAtMs) / 1_000)
    if (made?.prev.n === position.n) this.#ticks = [made]
    else {
      this.#ticks = await readTicks(db, { after: position.n - 1n, limit: ticksAtOnce })
      // With a tick that this relay's reader hasn't made, a topic may have got more partitions.
      this.#partitions = undefined
    }
    return tickBehind(this.#ticks, position)
  }
}

/**
 * The tick in which `position` stands, or the one behind it where its own is covered whole: shards that come from another relay may
 * stand in the midst of a tick that this one has left behind. The first tick of a log has itself for the one before.
 */
function tickBehind(ticks: readonly Tick[], { n, id }: Place): Tick | undefined {
  return ticks.find((tick) => (tick.n === n ? id < tick.lastId : tick.prev.n === n && id >= tick.prev.lastId))
}

function sameCohort(one: Cohort, other: Cohort): boolean {
  return comparePlaces(one.position, other.position) === 0 && sameShards(one.shards, other.shards)
}
