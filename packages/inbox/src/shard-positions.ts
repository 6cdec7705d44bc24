import type { MessagePlace } from './message-place.ts'

/** One place for each shard of each log. Nested, as a key put together for each message costs twice as much. */
export class ShardPositions {
  readonly #logs = new Map<string, Map<number, MessagePlace>>()
  #lastLog: string | undefined
  #lastShards: Map<number, MessagePlace> | undefined

  constructor(places: Iterable<MessagePlace> = []) {
    for (const place of places) this.set(place)
  }

  get all(): MessagePlace[] {
    return [...this.#logs.values()].flatMap((shards) => [...shards.values()])
  }

  get({ log, shard }: Pick<MessagePlace, 'log' | 'shard'>): MessagePlace | undefined {
    return this.#shardsOf(log)?.get(shard)
  }

  /** Puts `place` where its shard's place before was. */
  set(place: MessagePlace): void {
    const shards = this.#shardsOf(place.log)
    if (shards) shards.set(place.shard, place)
    else this.#logs.set(place.log, new Map([[place.shard, place]]))
  }

  /** Mostly those of the same log as the last time, and comparing two texts costs less than hashing one. */
  #shardsOf(log: string): Map<number, MessagePlace> | undefined {
    if (log !== this.#lastLog || this.#lastShards === undefined) {
      this.#lastLog = log
      this.#lastShards = this.#logs.get(log)
    }
    return this.#lastShards
  }
}
