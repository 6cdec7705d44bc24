import type { Pool } from 'pg'
import { effectTransaction } from './effect-transaction.ts'
import { firstAppearances } from './first-appearances.ts'
import type { Handler, InboxMessage } from './handler.ts'
import { type GroupPartition, lockPositions, movePositions } from './positions.ts'
import { startOfSlice } from './start-of-slice.ts'

/** Messages to be applied together, and what Kafka said about their partition. */
export type Slice = GroupPartition & {
  fetchedOffset: bigint
  soughtOffset: bigint
  logStart: bigint | undefined
  logEnd: bigint
  /** In the order of their offsets, at least one. */
  messages: readonly InboxMessage[]
}

/** What became of a slice. */
export type SliceOutcome = {
  nextOffset: bigint
  /** false: it lies beyond what the group has applied, and nothing of it was touched */
  connected: boolean
  applied: number
  duplicates: number
}

/**
 * Applies a slice by one transaction: first appearances take effect, and offset and positions move with them.
 * @throws {PartitionStoppedError} when an operator must decide
 * @throws {DatabaseFaultError} when the database failed, which says nothing about the messages
 * @throws {EffectFailedError} when `handler` did
 */
export async function applySlice(
  pool: Pool,
  { slice, handler }: { slice: Slice; handler: Handler },
): Promise<SliceOutcome> {
  const { group, topic, partition, messages } = slice
  const { outcome } = await effectTransaction(pool, {
    async prepare(tx) {
      const kept = await lockPositions(tx, slice)
      const start = startOfSlice(slice, kept.nextOffset)
      if (start < slice.fetchedOffset) return disconnected(start)
      const first = firstAppearances(messages, { nextOffset: start, positions: kept.positions })
      const nextOffset = larger(start, endOf(messages))
      await movePositions(tx, slice, { nextOffset, positions: first.positions })
      const applied = first.messages.length
      const outcome = { nextOffset, connected: true, applied, duplicates: messages.length - applied }
      return { outcome, messages: first.messages }
    },
    async effect(tx, first) {
      if (first.messages.length > 0) await handler(tx, first.messages, { group, topic, partition })
    },
  })
  return outcome
}

function disconnected(nextOffset: bigint): { outcome: SliceOutcome; messages: InboxMessage[] } {
  return { outcome: { nextOffset, connected: false, applied: 0, duplicates: 0 }, messages: [] }
}

function endOf(messages: readonly InboxMessage[]): bigint {
  return (messages.at(-1)?.offset ?? -1n) + 1n
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
