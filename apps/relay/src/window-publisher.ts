import { TopicError } from '@outbox/kafka/ensure-topic'
import { PublishError, type Publisher, type Refusal } from '@outbox/kafka/publisher'
import { originalIdHeader } from '@outbox/outbox/append-messages'
import { movePositions } from '@outbox/outbox/move-positions'
import { type ParkedMessage, type ParkedState, parkMessages, type RetryPolicy } from '@outbox/outbox/park-messages'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import type { LoggedMessage } from '@outbox/outbox/read-window'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { DeadLetterLimit } from './dead-letter-limit.ts'
import type { HeldKeys } from './held-keys.ts'
import { outgoingMessage } from './outgoing-message.ts'
import type { Cohort, ShardLeases } from './shard-leases.ts'
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
  logger: Logger
}

/** How many messages of a window Kafka confirmed, how many it refused, and how many wait behind others of their key. */
export type Published = { confirmed: number; refused: number; waiting: number }

/**
 * Publishes windows, and moves the positions past what Kafka has confirmed. A message that Kafka refuses is parked in the dead
 * letters; what stands behind it is sent only when that has committed.
 */
export class WindowPublisher {
  readonly #options: WindowPublisherOptions
  /** By shard: what stands up to here may be in the topic already, from an attempt without an answer or without consequences. */
  readonly #attempted = new Map<number, Place>()

  constructor(options: WindowPublisherOptions) {
    this.#options = options
  }

  /**
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
      const to = refused ? { n: window.n, id: refused.id } : window.end
      const parked = waiting
        .filter(({ id }) => id <= to.id)
        .map((message) => this.#parked(message, { window, cohort, refusal: undefined }))
      if (refused) parked.push(this.#parked(refused, { window, cohort, refusal }))
      const confirmed = refusal ? free.slice(0, refusal.index) : free
      const held = await this.#move({ shards, to, parked, confirmed })
      published.confirmed += confirmed.length
      for (const { message, refused } of parked) {
        if (held.includes(message.shard)) published[refused ? 'refused' : 'waiting'] += 1
      }
      if (!refused) return published
      shards = shards.filter(({ shard }) => held.includes(shard))
      remaining = remaining.filter(({ id, shard }) => id > refused.id && held.includes(shard))
    }
  }

  /** Sends up to the first message that is refused, by Kafka or because its topic isn't allowed. */
  async #send(messages: LoggedMessage[], window: Window, cohort: Cohort): Promise<Refusal | undefined> {
    const { publisher, allowed, log } = this.#options
    const stop = messages.findIndex(({ topic }) => !allowed.has(topic))
    const sendable = stop === -1 ? messages : messages.slice(0, stop)
    const outgoing = sendable.map((message) => {
      const partitions = window.partitions.at(message.topic, window.n)
      if (partitions === undefined) throw topicUnknown(message.topic)
      return outgoingMessage(message, { log, n: window.n, partitions })
    })
    const refusal = await publisher.publish(outgoing).catch((error) => {
      if (error instanceof PublishError && error.unanswered) this.#noteAttempt(cohort.shards, window.end)
      throw error
    })
    if (refusal || stop === -1) return refusal
    return {
      index: stop,
      code: 'TOPIC_NOT_ALLOWED',
      reason: `topic ${messages[stop]?.topic} is none of TOPICS=${[...allowed].join(',')}`,
    }
  }

  /** @returns the shards that are still held */
  async #move({ shards, to, parked, confirmed }: Step): Promise<number[]> {
    const { leases, held: heldKeys, limit } = this.#options
    if (parked.length > 0) {
      this.#noteAttempt(shards, { n: to.n, id: confirmed.at(-1)?.id ?? 0n })
      limit.check()
    }
    const again = confirmed.filter(({ headers }) => headers?.[originalIdHeader] !== undefined)
    const outcome = await this.#commit({ shards, to, parked, confirmed: again }).catch((error) => {
      leases.doubt()
      throw error
    })
    const { held } = outcome
    leases.moved({ shards, held, to })
    for (const message of again) if (held.includes(message.shard)) heldKeys.confirmed(message)
    for (const one of parked) if (held.includes(one.message.shard)) heldKeys.parked(one.message, one)
    this.#logRefused(parked, outcome.parked)
    return held
  }

  async #commit({ shards, to, parked, confirmed }: Step): Promise<{ held: number[]; parked: ParkedState[] }> {
    const { db, relay, retry } = this.#options
    if (parked.length + confirmed.length === 0) {
      return { held: await movePositions(db, { relay, shards, to }), parked: [] }
    }
    return parkMessages(db, { relay, shards, to, parked, confirmed, retry })
  }

  #parked(message: LoggedMessage, { window: { n }, cohort, refusal }: Circumstances): ParkedMessage {
    const { held, holdKeys } = this.#options
    const takenOverN = cohort.shards.find(({ shard }) => shard === message.shard)?.takenOverN ?? n
    const attempted = this.#attempted.get(message.shard)
    const mayBeThere =
      n <= takenOverN || (attempted !== undefined && comparePlaces({ n, id: message.id }, attempted) <= 0)
    if (refusal) {
      const { code, reason } = refusal
      return { message, code, reason, refused: true, ambiguous: mayBeThere, holds: holdKeys && message.key !== null }
    }
    // What waits behind one that was certainly never sent was never sent either: attempts go in the order of places.
    const ambiguous = mayBeThere && held.isBehindAmbiguous(message)
    const reason = 'waits behind another message of its key, which was refused'
    return { message, code: 'KEY_HELD', reason, refused: false, ambiguous, holds: true }
  }

  #logRefused(parked: readonly ParkedMessage[], states: readonly ParkedState[]): void {
    for (const { id, attempts, nextAttemptAt } of states) {
      const one = parked.find(({ message }) => message.id === id)
      if (!one?.refused) continue
      const { code, reason, ambiguous } = one
      const { messageId, topic, shard } = one.message
      const next = nextAttemptAt ? 'it is sent again later' : 'it waits for an operator: pnpm outbox dead-letters'
      this.#options.logger.error(
        { id: String(id), messageId, topic, shard, code, reason, ambiguous, attempts, nextAttemptAt },
        `a message was refused and stands in outbox.dead_letter; ${next}`,
      )
    }
  }

  #noteAttempt(shards: Cohort['shards'], end: Place): void {
    for (const { shard } of shards) {
      const before = this.#attempted.get(shard)
      if (!before || comparePlaces(before, end) < 0) this.#attempted.set(shard, end)
    }
  }
}

type Step = {
  shards: Cohort['shards']
  to: Place
  parked: readonly ParkedMessage[]
  confirmed: readonly LoggedMessage[]
}

/** Without a refusal, a message waits behind another. */
type Circumstances = { window: Window; cohort: Cohort; refusal: Refusal | undefined }

function refusedMessage(sent: readonly LoggedMessage[], { index }: Refusal): LoggedMessage {
  const message = sent[index]
  if (!message) throw new RangeError(`refusal of message ${index} of ${sent.length}`)
  return message
}

function topicUnknown(topic: string): TopicError {
  return new TopicError('OUTBOX_TOPIC_MISSING', topic, `topic "${topic}" is not there yet: nothing moves until it is`)
}
