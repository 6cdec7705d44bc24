import { type OutgoingMessage, PublishError, type Publisher } from '@outbox/kafka/publisher'
import { appendMessages } from '@outbox/outbox/append-messages'
import { discardDeadLetters } from '@outbox/outbox/discard-dead-letters'
import { findDeadLetters } from '@outbox/outbox/find-dead-letters'
import { makeTick } from '@outbox/outbox/make-tick'
import { requeueDeadLetters } from '@outbox/outbox/requeue-dead-letters'
import type pg from 'pg'
import { vi } from 'vitest'
import { type RelayInTest, relayInTest } from './relay-in-test.ts'

/** An outbox with messages that a topic refuses, and the topic, which is a list. Everything can go wrong by request. */
export class PoisonedLog implements AsyncDisposable {
  /** By key, the names of all messages in the order of the appends. */
  readonly appended: Record<string, string[]> = {}
  readonly #db: pg.Pool
  readonly #topic: string
  readonly #run: number
  readonly #inTopic: { name: string; place: string }[] = []
  readonly #poison = new Set<string>()
  #relay: RelayInTest | undefined
  #spoilt = false
  #failure: 'before' | 'after' | undefined
  #lost: 'request' | 'answer' | undefined

  static async start(db: pg.Pool, { topic, run }: { topic: string; run: number }): Promise<PoisonedLog> {
    const log = new PoisonedLog(db, topic, run)
    const query = log.#queryOf(db)
    vi.spyOn(db, 'query').mockImplementation(query)
    await log.killRelay()
    return log
  }

  private constructor(db: pg.Pool, topic: string, run: number) {
    this.#db = db
    this.#topic = topic
    this.#run = run
  }

  /** One transaction. */
  async append(messages: readonly { key: string; poison: boolean }[]): Promise<void> {
    const outgoing = messages.map(({ key, poison }) => {
      const name = this.#append(key)
      if (poison) this.#poison.add(name)
      return { topic: this.#topic, key: `${this.#run}-${key}`, payload: name }
    })
    const client = await this.#db.connect()
    await appendMessages(client, outgoing)
    client.release()
  }

  #append(key: string): string {
    this.appended[key] ??= []
    const name = `${this.#run}-${key}-${this.appended[key].length}`
    this.appended[key].push(name)
    return name
  }

  /** So many windows, each while the positions still move past the one before; a failure of Kafka or PostgreSQL ends one. */
  async relay(windows: number): Promise<void> {
    for (let window = 0; window < windows; window += 1) await this.#relay?.window().catch(unlessExpected)
    await this.#relay?.settle().catch(unlessExpected)
  }

  /** Another relay ends a batch. */
  async tick(): Promise<void> {
    await makeTick(this.#db)
  }

  /** The next request doesn't reach the broker. */
  failBefore(): void {
    this.#failure = 'before'
  }

  /** The next request reaches the broker, and its answer is lost. */
  failAfter(): void {
    this.#failure = 'after'
  }

  /** PostgreSQL never hears of the next change. */
  loseRequest(): void {
    this.#lost = 'request'
  }

  /** The next change takes place in PostgreSQL, and the relay never hears of it. */
  loseAnswer(): void {
    this.#lost = 'answer'
  }

  /** Its successor starts at once. */
  async killRelay(): Promise<void> {
    const killed = this.#relay
    this.#lost = undefined
    const publisher: Publisher = {
      connect: async () => {},
      close: async () => {},
      publish: async (messages) => this.#publish(messages),
    }
    this.#relay = await relayInTest(this.#db, { publisher, allowed: [this.#topic] })
    await killed?.[Symbol.asyncDispose]()
  }

  async requeue(): Promise<void> {
    await requeueDeadLetters(this.#db, { ambiguous: false })
  }

  /** From now on nothing is taken. */
  spoil(): void {
    this.#spoilt = true
  }

  /** What is on its way lands, its answer is lost, and at the next attempt it is refused. */
  async landAndSpoil(): Promise<void> {
    this.failAfter()
    for (let window = 0; this.#failure && window < 3; window += 1) await this.relay(1)
    this.spoil()
  }

  /** From now on everything is taken. */
  cure(): void {
    this.#spoilt = false
    this.#poison.clear()
  }

  /** What an operator does at the end: looks which of the ambiguous ones are in the topic, and sends the others again. */
  async resolve(): Promise<void> {
    this.cure()
    this.#failure = undefined
    this.#lost = undefined
    // A relay that has just started learns in one round where it stands, and only in the next what is new.
    for (let idle = 0, round = 0; idle < 2; round += 1) {
      if (round === 200) throw new Error('the log does not come to rest')
      await this.requeue()
      const busy = (await this.#relay?.window()) ?? false
      await this.#relay?.settle()
      const letters = await findDeadLetters(this.#db, {})
      idle = busy || letters.length > 0 ? 0 : idle + 1
      for (const { id, ambiguous } of letters) if (ambiguous) await this.#decide(id)
    }
  }

  /** The names by key, in the order of the first appearances of their places. */
  arrived(): Record<string, string[]> {
    const seen = new Set<string>()
    const arrived: Record<string, string[]> = {}
    for (const { name, place } of this.#inTopic) {
      const [run, key = ''] = name.split('-')
      if (run !== String(this.#run) || seen.has(place)) continue
      seen.add(place)
      arrived[key] ??= []
      arrived[key].push(name)
    }
    return arrived
  }

  async [Symbol.asyncDispose](): Promise<void> {
    vi.restoreAllMocks()
    await this.#relay?.[Symbol.asyncDispose]()
  }

  #publish(messages: readonly OutgoingMessage[]) {
    const failure = this.#failure
    this.#failure = undefined
    if (failure === 'before') throw lost({ unanswered: false })
    const index = messages.findIndex(({ value }) => this.#spoilt || this.#poison.has(String(value)))
    for (const { value, headers } of index === -1 ? messages : messages.slice(0, index)) {
      this.#inTopic.push({ name: String(value), place: headers['outbox-place'] ?? '' })
    }
    if (failure === 'after') throw lost({ unanswered: true })
    return index === -1 ? undefined : { index, code: 'MESSAGE_TOO_LARGE', reason: 'too large' }
  }

  #queryOf(db: pg.Pool): pg.Pool['query'] {
    const query = db.query.bind(db) as (...given: unknown[]) => Promise<pg.QueryResult>
    const losing = async (...given: unknown[]) => {
      const lost = changes.includes(String((given[0] as pg.QueryConfig).name)) ? this.#lost : undefined
      if (lost) this.#lost = undefined
      if (lost === 'request') throw lostConnection
      const result = await query(...given)
      if (lost === 'answer') throw lostConnection
      return result
    }
    return losing as unknown as pg.Pool['query']
  }

  async #decide(id: bigint): Promise<void> {
    const { rows } = await this.#db.query('select payload from outbox.dead_letter where id = $1', [id])
    const isThere = this.#inTopic.some(({ name }) => name === String(rows[0]?.payload))
    if (isThere) await discardDeadLetters(this.#db, { ids: [id] })
    else await requeueDeadLetters(this.#db, { ids: [id] })
  }
}

function lost({ unanswered }: { unanswered: boolean }): PublishError {
  return new PublishError(new Error('no answer'), { unanswered, topics: [] })
}

const changes = ['outbox-move', 'outbox-park', 'outbox-resend', 'outbox-release', 'outbox-claim']

const lostConnection = new Error('the connection was lost')

function unlessExpected(error: unknown): void {
  if (!(error instanceof PublishError || error === lostConnection)) throw error
}
