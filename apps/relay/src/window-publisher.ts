import { TopicError } from '@outbox/kafka/ensure-topic'
import { PublishError, type Publisher, type Refusal } from '@outbox/kafka/publisher'
import { movePositions, type ParkedMessage } from '@outbox/outbox/move-positions'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import type { LoggedMessage } from '@outbox/outbox/read-window'
import type pg from 'pg'
import type { Logger } from 'pino'
import { outgoingMessage } from './outgoing-message.ts'
import type { Cohort, ShardLeases } from './shard-leases.ts'
import type { Window } from './window-reader.ts'

/** What publishing needs; `allowed` are the topics that messages may go to, `log` is the log's id. */
export type WindowPublisherOptions = {
  db: pg.Pool
  relay: string
  log: string
  publisher: Publisher
  leases: ShardLeases
  allowed: ReadonlySet<string>
  logger: Logger
}

/** How many messages of a window Kafka confirmed, and how many it refused for good. */
export type Published = { confirmed: number; parked: number }

/**
 * Publishes windows, and moves the positions past what Kafka has confirmed. A message that Kafka refuses for good is
 * parked in the dead letters; what stands behind it is sent only when that has committed.
 */
export class WindowPublisher {
  readonly #options: WindowPublisherOptions
  /** By shard: up to here an attempt went without an answer, so that it may be in the topic. */
  readonly #unanswered = new Map<number, Place>()

  constructor(options: WindowPublisherOptions) {
    this.#options = options
  }

  /**
   * @throws {PublishError} for what isn't a message's fault; the positions stand where they stood or behind a message
   *   that was parked, and the same places may be published again
   */
  async publish(window: Window, cohort: Cohort): Promise<Published> {
    let { shards } = cohort
    let remaining = window.messages
    let parked = 0
    const move = async (to: Place, refused?: ParkedMessage) => {
      const { db, relay, leases } = this.#options
      const held = await movePositions(db, { relay, shards, to, ...(refused && { parked: refused }) })
      leases.moved({ shards, held, to })
      shards = shards.filter(({ shard }) => held.includes(shard))
      return held
    }
    for (;;) {
      const refusal = await this.#send(remaining, window, cohort)
      if (!refusal) break
      const refused = this.#parked(remaining, refusal, window, cohort)
      const held = await move(refused.place, refused)
      if (held.includes(refused.message.shard)) {
        parked += 1
        this.#logParked(refused)
      }
      remaining = remaining.slice(refusal.index + 1).filter(({ shard }) => held.includes(shard))
    }
    await move(window.end)
    return { confirmed: window.messages.length - parked, parked }
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
      if (error instanceof PublishError && error.unanswered) this.#noteUnanswered(cohort, window.end)
      throw error
    })
    if (refusal || stop === -1) return refusal
    return {
      index: stop,
      code: 'TOPIC_NOT_ALLOWED',
      reason: `topic ${messages[stop]?.topic} is none of TOPICS=${[...allowed].join(',')}`,
    }
  }

  #parked(
    messages: LoggedMessage[],
    { index, code, reason }: Refusal,
    { n }: Window,
    { shards }: Cohort,
  ): ParkedMessage {
    const message = messages[index]
    if (!message) throw new RangeError(`refusal of message ${index} of ${messages.length}`)
    const place = { n, id: message.id }
    const takenOverN = shards.find(({ shard }) => shard === message.shard)?.takenOverN ?? n
    const unanswered = this.#unanswered.get(message.shard)
    const ambiguous = n <= takenOverN || (unanswered !== undefined && comparePlaces(place, unanswered) <= 0)
    return { message, place, code, reason, ambiguous }
  }

  #logParked({ message, code, reason, ambiguous }: ParkedMessage): void {
    const { messageId, topic, shard } = message
    this.#options.logger.error(
      { messageId, topic, shard, code, reason, ambiguous },
      'a message was refused for good and stands in outbox.dead_letter; those behind it go on',
    )
  }

  #noteUnanswered({ shards }: Cohort, end: Place): void {
    for (const { shard } of shards) this.#unanswered.set(shard, end)
  }
}

function topicUnknown(topic: string): TopicError {
  return new TopicError('OUTBOX_TOPIC_MISSING', topic, `topic "${topic}" is not there yet: nothing moves until it is`)
}
