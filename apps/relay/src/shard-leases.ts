import { claimShards, type OwnedShard } from '@outbox/outbox/claim-shards'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import { releaseShards } from '@outbox/outbox/release-shards'
import { reasonOf } from '@outbox/service/reason-of'
import type pg from 'pg'
import type { Logger } from 'pino'

type Claim = Awaited<ReturnType<typeof claimShards>>

/** Shards that stand at the same place of the log, and are read and published together. */
export type Cohort = { position: Place; shards: OwnedShard[] }

/** What leases need: `relay` names this process, not only its instance; `leaseMs` is the lease's length. */
export type LeaseOptions = { db: pg.Pool; relay: string; leaseMs: number; logger: Logger }

/**
 * The shards this relay owns. Renewed on a timer of its own, so that a slow send doesn't cost the lease; what a
 * renewal brings is taken over by `sync` alone, between two windows, so that nothing changes under a send.
 */
export class ShardLeases implements AsyncDisposable {
  readonly #options: LeaseOptions
  readonly #timer: NodeJS.Timeout
  #owned = new Map<number, OwnedShard>()
  /** By shard, the last epoch that is over: a renewal that was under way meanwhile still tells of it. */
  readonly #over = new Map<number, bigint>()
  #claim: Claim | undefined
  #taken: Claim | undefined
  #renewing: Promise<void> | undefined
  #failure: unknown
  #doubted = false

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#renew(), options.leaseMs / 3)
  }

  get owned(): OwnedShard[] {
    return [...this.#owned.values()]
  }

  /**
   * Takes over the newest renewal and gives up the surplus, behind `settle`: who gets it shall begin where this relay has ended.
   * Call it only while nothing is being sent.
   * @throws what the last renewal threw
   */
  async sync(settle: () => Promise<void>): Promise<void> {
    if (this.#doubted) await this.#startAnew()
    else if (!this.#claim && !this.#renewing) await this.#renew()
    const failure = this.#failure
    this.#failure = undefined
    if (failure) throw failure
    const claim = this.#claim
    if (!claim || claim === this.#taken) return
    this.#taken = claim
    this.#take(claim)
    if (claim.surplus.length > 0) {
      await settle()
      await this.#giveUp(claim.surplus)
      this.#options.logger.info({ shards: claim.surplus, owned: this.#owned.size }, 'gave shards up for other relays')
    }
  }

  /**
   * A statement under these leases went without an answer: it may have taken place, or still will. The next `sync` gives the
   * shards back and claims them anew, as this relay's successor would: that fences the statement, and tells the true positions.
   */
  doubt(): void {
    this.#doubted = true
  }

  /** The shards furthest behind; they go first, so that all come to stand at one place. */
  cohort(): Cohort | undefined {
    let cohort: Cohort | undefined
    for (const shard of this.#owned.values()) {
      const order = cohort ? comparePlaces(shard.position, cohort.position) : -1
      if (order < 0) cohort = { position: shard.position, shards: [shard] }
      else if (order === 0) cohort?.shards.push(shard)
    }
    return cohort
  }

  /**
   * Notes a move of positions: `held` went to `to`, or had been noted beyond it, the others of `shards` belong to somebody else now, or
   * are paused.
   */
  moved({ shards, held, to }: { shards: readonly OwnedShard[]; held: readonly number[]; to: Place }): void {
    for (const { shard, epoch } of shards) {
      const owned = this.#owned.get(shard)
      if (owned?.epoch !== epoch) continue
      if (held.includes(shard)) this.#owned.set(shard, newer(owned, { ...owned, position: to }))
      else {
        this.#drop(owned)
        this.#options.logger.warn(
          { shard, epoch: String(epoch) },
          'lost a shard: another relay has it, or it is paused',
        )
      }
    }
  }

  /** Ends the renewals and gives all shards to whoever wants them. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    const { db, relay, logger } = this.#options
    await releaseShards(db, { relay, shards: [...this.#owned.keys()], leaving: true }).catch((error) => {
      const reason = reasonOf(error)
      logger.warn({ reason }, 'could not give the shards back; they are free when the lease has run out')
    })
    this.#owned.clear()
  }

  #renew(): Promise<void> {
    const { db, relay, leaseMs } = this.#options
    this.#renewing ??= claimShards(db, { relay, leaseMs, entering: this.#claim === undefined })
      .then((claim) => {
        this.#claim = claim
      })
      .catch((error) => {
        this.#failure = error
      })
      .finally(() => {
        this.#renewing = undefined
      })
    return this.#renewing
  }

  #take(claim: Claim): void {
    const before = this.#owned
    const owned = claim.owned.filter(({ shard, epoch }) => epoch !== this.#over.get(shard))
    this.#owned = new Map(owned.map((shard) => [shard.shard, newer(before.get(shard.shard), shard)]))
    const gained = owned.filter(({ shard }) => !before.has(shard)).map(({ shard }) => shard)
    const lost = [...before.keys()].filter((shard) => !this.#owned.has(shard))
    if (gained.length + lost.length > 0) {
      this.#options.logger.info({ gained, lost, owned: this.#owned.size, relays: claim.alive }, 'shards shared out')
    }
  }

  async #giveUp(shards: readonly number[]): Promise<void> {
    const { db, relay } = this.#options
    await releaseShards(db, { relay, shards })
    for (const shard of shards) this.#drop(this.#owned.get(shard))
  }

  async #startAnew(): Promise<void> {
    await this.#giveUp([...this.#owned.keys()])
    await this.#renewing
    await this.#renew()
    if (!this.#failure) this.#doubted = false
  }

  #drop(owned: OwnedShard | undefined): void {
    if (!owned) return
    this.#owned.delete(owned.shard)
    this.#over.set(owned.shard, owned.epoch)
  }
}

/** Whether they are the same ones, under the same epochs. */
export function sameShards(some: readonly OwnedShard[], others: readonly OwnedShard[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ shard, epoch }, i) => others[i]?.shard === shard && others[i]?.epoch === epoch)
  )
}

/** A renewal may be older than the last move of the position: within an epoch only this relay moves it. */
function newer(known: OwnedShard | undefined, claimed: OwnedShard): OwnedShard {
  if (known?.epoch !== claimed.epoch) return claimed
  return comparePlaces(known.position, claimed.position) > 0 ? known : claimed
}
