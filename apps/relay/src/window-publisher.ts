import { TopicError } from '@outbox/kafka/ensure-topic'
import { PublishError, type Publisher, type Refusal } from '@outbox/kafka/publisher'
import { originalIdHeader } from '@outbox/outbox/append-messages'
import { movePositions } from '@outbox/outbox/move-positions'
import { type ParkedMessage, parkMessages, type RetryPolicy } from '@outbox/outbox/park-messages'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import type { LoggedMessage } from '@outbox/outbox/read-window'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { DeadLetterLimit } from './dead-letter-limit.ts'
import type { HeldKeys } from './held-keys.ts'
import { logRefused } from './log-refused.ts'
import { outgoingMessage } from './outgoing-message.ts'
import type { RelayMetrics } from './relay-metrics.ts'
import { type Cohort, type ShardLeases, sameShards } from './shard-leases.ts'
import type { Window } from './window-reader.ts'

/**
 * What publishing needs; `allowed` are the topics that messages may go to, `log` is the log's id. With `holdKeys` what comes
 * later with the key of a refused message waits behind it.
 */
export type WindowPublisherOptions = {
  db: pg.Pool
  relay: string
  log: string
  publisher: Publisher
  leases: ShardLeases
  held: HeldKeys
  limit: DeadLetterLimit
  allowed: ReadonlySet<string>
  holdKeys: boolean
  retry: RetryPolicy
  /** Positions move at most so often. */
  moveEveryMs: number
  metrics: Pick<RelayMetrics, 'moved'>
  logger: Logger
}

/** How many messages of a window Kafka confirmed, how many it refused, and how many wait behind others of their key. */
export type Published = { confirmed: number; refused: number; waiting: number }

/**
 * Publishes windows, and moves the positions past what Kafka has confirmed. A message that Kafka refuses is parked in the dead
 * letters; what stands behind it is sent only when that has committed.
 *
 * Where nothing was refused, positions move only every `moveEveryMs`, while the next window is sent: all before it is confirmed, so
 * whoever begins there anew only repeats places. Each move leaves 16 dead rows, and as long as any transaction of the database
 * is open they can't be cleaned up, and slow down the next one.
 */
export class WindowPublisher {
  readonly #options: WindowPublisherOptions
  /** What is confirmed, and the positions don't move past yet. */
  #unmoved: Move | undefined
  #moving: Promise<Moved> | undefined
  #movedAtMs = Number.NEGATIVE_INFINITY
  /** By shard: what stands up to here may be in the topic already, from an attempt without an answer or without consequences. */
  readonly #attempted = new Map<number, Place>()

  constructor(options: WindowPublisherOptions) {
    this.#options = options
  }

  /**
   * When it returns, all of the window is confirmed or parked. Its positions may move later: that call, or {@link settle},
   * tells of a failure.
   * @throws {PublishError} for what isn't a message's fault; the positions stand where they stood or behind a message
   *   that was parked, and the same places may be published again
   * @throws {DeadLettersFullError} when no more may be parked; likewise
   */
  async publish(window: Window, cohort: Cohort): Promise<Published> {
    const published: Published = { confirmed: 0, refused: 0, waiting: 0 }
    let { shards } = cohort
    let remaining = window.messages
    for (;;) {
      const { free, waiting } = this.#options.held.divide(remaining)
      const refusal = await this.#send(free, window, cohort)
      const refused = refusal && refusedMessage(free, refusal)
      const to = refused ? placeOf(refused) : window.end
      const parked = waiting
        .filter((message) => comparePlaces(message, to) <= 0)
        .map((message) => this.#parked(message, { cohort, refusal: undefined }))
      if (refused) parked.push(this.#parked(refused, { cohort, refusal }))
      const confirmed = refusal ? free.slice(0, refusal.index) : free
      const again = confirmed.filter(({ headers }) => headers?.[originalIdHeader] !== undefined)
      if (parked.length + again.length === 0) {
        await this.#confirmed({ shards, to })
        return { ...published, confirmed: published.confirmed + confirmed.length }
      }
      await this.settle()
      const held = await this.#park({ shards, to, parked, confirmed, again })
      published.confirmed += confirmed.length
      for (const { message, refused } of parked) {
        if (held.includes(message.shard)) published[refused ? 'refused' : 'waiting'] += 1
      }
      if (!refused) return published
      shards = shards.filter(({ shard }) => held.includes(shard))
      remaining = remaining.filter((message) => comparePlaces(message, refused) > 0 && held.includes(message.shard))
    }
  }

  /**
   * Moves the positions behind all that was published, and waits for it.
   * @throws what kept the positions from it
   */
  async settle(): Promise<void> {
    await this.#endMove()
    this.#startMove()
    await this.#endMove()
  }

  /**
   * Moves the positions if that is due, without waiting. To be called while there is nothing to send, too.
   * @throws what kept the positions from the move before
   */
  async moveIfDue(): Promise<void> {
    if (performance.now() - this.#movedAtMs < this.#options.moveEveryMs) return
    await this.#endMove()
    this.#startMove()
  }

  /** Sends up to the first message that is refused, by Kafka or because its topic isn't allowed. */
  async #send(messages: LoggedMessage[], window: Window, cohort: Cohort): Promise<Refusal | undefined> {
    const { publisher, allowed, log } = this.#options
    const stop = messages.findIndex(({ topic }) => !allowed.has(topic))
    const sendable = stop === -1 ? messages : messages.slice(0, stop)
    const outgoing = sendable.map((message) => {
      const partitions = window.partitions.at(message.topic, message.n)
      if (partitions === undefined) throw topicUnknown(message.topic)
      return outgoingMessage(message, { log, partitions })
    })
    const refusal = await publisher.publish(outgoing).catch((error) => {
      if (error instanceof PublishError && error.unanswered) this.#noteAttempt(cohort.shards, window.end)
      throw error
    })
    if (refusal || stop === -1) return refusal
    return {
      index: stop,
      code: 'TOPIC_NOT_ALLOWED',
      reason: `topic ${messages[stop]?.topic} is none of TOPICS=${[...allowed].slice(0, 10).join(',')}`,
    }
  }

  /** Notes that all up to `to` is confirmed: the next window begins there, wherever the positions still stand. */
  async #confirmed({ shards, to }: Move): Promise<void> {
    if (this.#unmoved && !sameShards(this.#unmoved.shards, shards)) await this.settle()
    this.#unmoved = { shards, to }
    this.#options.leases.moved({ shards, held: shards.map(({ shard }) => shard), to })
    await this.moveIfDue()
  }

  #startMove(): void {
    if (!this.#unmoved) return
    const { db, relay, leases, metrics } = this.#options
    const { shards, to } = this.#unmoved
    this.#unmoved = undefined
    const beganAtMs = performance.now()
    this.#movedAtMs = beganAtMs
    this.#moving = movePositions(db, { relay, shards, to }).then(
      (held) => {
        metrics.moved((performance.now() - beganAtMs) / 1_000)
        return { shards, held, to }
      },
      (error) => {
        leases.doubt()
        throw error
      },
    )
    // Whoever ends it hears of it.
    this.#moving.catch(() => {})
  }

  /**
   * Gives up the shards that turn out to be somebody else's: only here, as a window that is on its way may hold messages of theirs.
   */
  async #endMove(): Promise<void> {
    const moving = this.#moving
    this.#moving = undefined
    const moved = await moving
    if (moved) this.#options.leases.moved(moved)
  }

  /** @returns the shards that are still held */
  async #park({ shards, to, parked, confirmed, again }: Step): Promise<number[]> {
    const { db, relay, retry, leases, held: heldKeys, limit, logger } = this.#options
    if (parked.length > 0) {
      const last = confirmed.at(-1)
      this.#noteAttempt(shards, last ? placeOf(last) : { n: to.n, id: 0n })
      limit.check()
    }
    const parking = { relay, shards, to, parked, confirmed: again, retry }
    const outcome = await parkMessages(db, parking).catch((error) => {
      leases.doubt()
      throw error
    })
    const { held } = outcome
    leases.moved({ shards, held, to })
    for (const message of again) if (held.includes(message.shard)) heldKeys.confirmed(message)
    for (const one of parked) if (held.includes(one.message.shard)) heldKeys.parked(one.message, one)
    logRefused(parked, { states: outcome.parked, logger })
    return held
  }

  #parked(message: LoggedMessage, { cohort, refusal }: Circumstances): ParkedMessage {
    const { held, holdKeys } = this.#options
    const { n } = message
    const takenOverN = cohort.shards.find(({ shard }) => shard === message.shard)?.takenOverN ?? n
    const attempted = this.#attempted.get(message.shard)
    const mayBeThere = n <= takenOverN || (attempted !== undefined && comparePlaces(message, attempted) <= 0)
    if (refusal) {
      const { code, reason } = refusal
      return { message, code, reason, refused: true, ambiguous: mayBeThere, holds: holdKeys && message.key !== null }
    }
    // What waits behind one that was certainly never sent was never sent either: attempts go in the order of places.
    const ambiguous = mayBeThere && held.isBehindAmbiguous(message)
    const reason = 'waits behind another message of its key, which was refused'
    return { message, code: 'KEY_HELD', reason, refused: false, ambiguous, holds: true }
  }

  #noteAttempt(shards: Cohort['shards'], end: Place): void {
    for (const { shard } of shards) {
      const before = this.#attempted.get(shard)
      if (!before || comparePlaces(before, end) < 0) this.#attempted.set(shard, end)
    }
  }
}

type Move = { shards: Cohort['shards']; to: Place }

/** `held`: those of `shards` that now stand at `to`; the others belong to somebody else, or are paused. */
type Moved = Move & { held: readonly number[] }

type Step = Move & {
  parked: readonly ParkedMessage[]
  confirmed: readonly LoggedMessage[]
  /** Those of `confirmed` that were sent again. */
  again: readonly LoggedMessage[]
}

/** Without a refusal, a message waits behind another. */
type Circumstances = { cohort: Cohort; refusal: Refusal | undefined }

function refusedMessage(sent: readonly LoggedMessage[], { index }: Refusal): LoggedMessage {
  const message = sent[index]
  if (!message) throw new RangeError(`refusal of message ${index} of ${sent.length}`)
  return message
}

/** Without the message, which would be kept with it. */
function placeOf({ n, id }: LoggedMessage): Place {
  return { n, id }
}

function topicUnknown(topic: string): TopicError {
  return new TopicError('OUTBOX_TOPIC_MISSING', topic, `topic "${topic}" is not there yet: nothing moves until it is`)
}
