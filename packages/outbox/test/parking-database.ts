import type { OutboxMessage } from '../src/append-messages.ts'
import { claimShards, type OwnedShard } from '../src/claim-shards.ts'
import type { LoggedMessage } from '../src/logged-message.ts'
import { makeTick } from '../src/make-tick.ts'
import { type ParkedMessage, type Parking, parkMessages } from '../src/park-messages.ts'
import type { Place } from '../src/place.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { requeueDeadLetters } from '../src/requeue-dead-letters.ts'
import { type OutboxDatabase, outboxDatabase, readBatch } from './outbox-database.ts'

/** An outbox whose shards one relay owns, by hand. */
export type ParkingDatabase = OutboxDatabase & {
  relay: string
  shards: OwnedShard[]
  /** Where the last batch ends. */
  end: Place
  /** The batch of the next tick. */
  nextBatch(): Promise<LoggedMessage[]>
  /** Moves all shards to the end of the last batch. */
  park(
    parked: ParkedMessage[],
    confirmed?: LoggedMessage[],
    options?: Partial<Parking>,
  ): ReturnType<typeof parkMessages>
  requeue(): Promise<number>
}

/** With these messages in it. */
export async function parkingDatabase(...messages: OutboxMessage[]): Promise<ParkingDatabase> {
  const db = await outboxDatabase()
  const relay = makeRelayName('relay-1')
  const { owned } = await claimShards(db.pool, { relay, leaseMs: 60_000 })
  await db.append(...messages)
  const parking: ParkingDatabase = Object.assign(db, {
    relay,
    shards: owned,
    end: { n: 0n, id: 0n },
    async nextBatch() {
      const tick = await makeTick(db.pool)
      if (!tick) return []
      parking.end = { n: tick.n, id: tick.lastId }
      return readBatch(db, tick)
    },
    park(parked: ParkedMessage[], confirmed: LoggedMessage[] = [], options: Partial<Parking> = {}) {
      const retry = { maxAttempts: 5, firstMs: 60_000, ceilingMs: 60_000 }
      return parkMessages(db.pool, { relay, shards: owned, to: parking.end, parked, confirmed, retry, ...options })
    },
    requeue: () => requeueDeadLetters(db.pool, {}),
  })
  return parking
}

export function refusal(message: LoggedMessage | undefined): ParkedMessage {
  if (!message) throw new Error('there is no message to park')
  return {
    message,
    code: 'MESSAGE_TOO_LARGE',
    reason: 'too large',
    refused: true,
    ambiguous: false,
    holds: false,
  }
}

export function waiting(message: LoggedMessage | undefined): ParkedMessage {
  return { ...refusal(message), code: 'KEY_HELD', reason: 'waits', refused: false, holds: true }
}
