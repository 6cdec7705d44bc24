import type { OwnedShard } from '@outbox/outbox/claim-shards'
import { type Hold, readHolds, readHoldsMark } from '@outbox/outbox/read-holds'
import type { LoggedMessage } from '@outbox/outbox/read-window'
import type { Resent } from '@outbox/outbox/resend-dead-letters'
import type pg from 'pg'

/**
 * The keys of this relay's shards that parked messages hold: what comes with such a key waits, until all that was appended before
 * it has been sent again and confirmed. So its order is kept. Kept in memory, since most of the time there is none; in the
 * database it can only be less, where an operator has discarded some.
 */
export class HeldKeys {
  readonly #db: pg.Pool
  /** By topic and key, in the order of the first appends. */
  #queues = new Map<string, Hold[]>()
  /** By the row as which they stand in the log again. */
  #resent = new Map<bigint, Hold>()
  #loadedFor: string | undefined
  #mark = ''

  constructor(db: pg.Pool) {
    this.#db = db
  }

  /** Knows the holds of the shards owned now. To be called after each change of owners, before anything of them is sent. */
  async sync(owned: readonly OwnedShard[]): Promise<void> {
    const wanted = owned.map(({ shard, epoch }) => `${shard}@${epoch}`).join()
    if (wanted === this.#loadedFor) return
    this.#mark = await readHoldsMark(this.#db)
    const shards = owned.map(({ shard }) => shard)
    const holds = await readHolds(this.#db, shards)
    this.#queues.clear()
    this.#resent.clear()
    for (const hold of holds) this.#add(hold)
    this.#loadedFor = wanted
  }

  /** Looks whether an operator has discarded some: then the next `sync` reads them again. */
  async lookAgain(): Promise<void> {
    if (this.#queues.size > 0 && (await readHoldsMark(this.#db)) !== this.#mark) this.#loadedFor = undefined
  }

  /** The messages that may be sent now, in their order, and those that have to wait even if the former are confirmed. */
  divide(messages: LoggedMessage[]): { free: LoggedMessage[]; waiting: LoggedMessage[] } {
    if (this.#queues.size === 0) return { free: messages, waiting: [] }
    const free: LoggedMessage[] = []
    const waiting: LoggedMessage[] = []
    const sent = new Set<Hold>()
    /** What waits among these messages holds its key as well: the first place of each in its queue. */
    const held = new Map<string, bigint>()
    for (const message of messages) {
      if (message.key === null) {
        free.push(message)
        continue
      }
      const name = nameOf({ topic: message.topic, key: message.key })
      const own = this.#resent.get(message.id)
      const firstId = own?.firstId ?? message.id
      const isBehind = firstId > (held.get(name) ?? firstId)
      if (isBehind || this.#holdsBefore(message).some((hold) => !sent.has(hold))) {
        waiting.push(message)
        if (!isBehind) held.set(name, firstId)
      } else {
        free.push(message)
        if (own) sent.add(own)
      }
    }
    return { free, waiting }
  }

  /** Whether a message waits behind one that may be in the topic, so that it may be there itself. */
  isBehindAmbiguous(message: LoggedMessage): boolean {
    return this.#holdsBefore(message).some(({ ambiguous }) => ambiguous)
  }

  /** Notes that a message is parked. It holds its key if it did before, when it was sent again. */
  parked(message: LoggedMessage, { holds, ambiguous }: { holds: boolean; ambiguous: boolean }): void {
    const { id, topic, key } = message
    const before = this.#resent.get(id)
    if (key === null || !(holds || before)) return
    this.confirmed(message)
    this.#add({ topic, key, firstId: before?.firstId ?? id, resentId: undefined, ambiguous })
  }

  /** Notes that Kafka has a message: it holds nothing any more. */
  confirmed(message: LoggedMessage): void {
    const hold = this.#resent.get(message.id)
    if (!hold) return
    this.#resent.delete(message.id)
    const queue = this.#queueOf(hold)
    queue.splice(queue.indexOf(hold), 1)
    if (queue.length === 0) this.#queues.delete(nameOf(hold))
  }

  /** Notes as which rows parked messages stand in the log again. */
  resent(letters: readonly Resent[]): void {
    for (const letter of letters) {
      const hold = this.#queueOf(letter).find(({ firstId }) => firstId === letter.firstId)
      if (!hold) continue
      hold.resentId = letter.resentId
      this.#resent.set(letter.resentId, hold)
    }
  }

  /** The part of its key's queue that stands before it; one that was sent again has the place in it that it had. */
  #holdsBefore(message: LoggedMessage): Hold[] {
    const queue = this.#queueOf(message)
    const firstId = this.#resent.get(message.id)?.firstId ?? message.id
    const end = queue.findLastIndex((hold) => hold.firstId < firstId) + 1
    return end === queue.length ? queue : queue.slice(0, end)
  }

  #queueOf({ topic, key }: { topic: string; key: string | null }): Hold[] {
    return (key === null ? undefined : this.#queues.get(nameOf({ topic, key }))) ?? []
  }

  #add(hold: Hold): void {
    const queue = this.#queueOf(hold)
    const at = queue.findLastIndex(({ firstId }) => firstId < hold.firstId) + 1
    queue.splice(at, 0, hold)
    this.#queues.set(nameOf(hold), queue)
    if (hold.resentId !== undefined) this.#resent.set(hold.resentId, hold)
  }
}

/** A topic's name has no blanks. */
function nameOf({ topic, key }: { topic: string; key: string }): string {
  return `${topic} ${key}`
}
