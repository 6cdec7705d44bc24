import { lateTransactions } from './late-transactions.ts'
import type { LoggedMessage } from './logged-message.ts'
import type { Queryable } from './queryable.ts'
import { readLateRows } from './read-late-rows.ts'
import { readNewRows } from './read-new-rows.ts'
import { skipGap } from './skip-gap.ts'
import type { Tick } from './tick.ts'

export type { LoggedMessage } from './logged-message.ts'

export type WindowRequest = {
  tick: Tick
  /** Up to where the batch was read: 0n at its beginning, then the last window's `endId`. */
  afterId: bigint
  /** Whose rows to read; `'all'` spares the filter. */
  shards: readonly number[] | 'all'
  /** Ids a window covers. */
  windowIds: number
  /** Payload bytes at which a window is cut: it holds at most these and one payload more. */
  maxBytes?: number
}

/** `bytes`: of the payloads. `endId`: up to where the batch is covered now. `last`: nothing of this batch is left. */
export type Window = { messages: LoggedMessage[]; bytes: number; endId: bigint; last: boolean }

/** Without `maxBytes`: 16 MiB. */
export const defaultMaxBytes = 16 * 1024 * 1024

/**
 * The next rows of the tick's batch, in order: first the late ones, then the new ones by windows of ids. Reads the same for
 * whoever asks, whenever. A window may be empty, though not the last: a gap in the ids is stepped over, a bounded way at a time.
 */
export async function readWindow(db: Queryable, request: WindowRequest): Promise<Window> {
  const { tick, windowIds, maxBytes = defaultMaxBytes } = request
  checkBounds(request)
  const { lastId } = tick.prev
  if (request.afterId >= lastId) return readNew(db, request, { maxBytes })
  // Late rows are few, mostly: the new ones are read beside them, and again where there is no room for them.
  const [late, fresh] = await Promise.all([
    readLate(db, request, maxBytes),
    readNew(db, { ...request, afterId: lastId }, { maxBytes }),
  ])
  if (late.messages.length === 0) return late.last ? late : fresh
  const isFull = late.messages.length >= windowIds || late.bytes + fresh.bytes > maxBytes
  if (late.last || late.endId < lastId || isFull) return late
  return { ...fresh, messages: [...late.messages, ...fresh.messages], bytes: late.bytes + fresh.bytes }
}

async function readLate(db: Queryable, request: WindowRequest, maxBytes: number): Promise<Window> {
  const { tick, afterId, shards, windowIds: limit } = request
  const endId = tick.prev.lastId
  const xids = await lateTransactions(db, tick, afterId)
  const rows = { n: tick.n, xids, afterId, endId, shards, limit, maxBytes }
  const messages = xids.length === 0 ? [] : await readLateRows(db, rows)
  const cut = messages.length === limit || bytesOf(messages) >= maxBytes
  return windowOf(tick, messages, cut ? (messages.at(-1)?.id ?? endId) : endId)
}

async function readNew(db: Queryable, request: WindowRequest, { maxBytes }: { maxBytes: number }): Promise<Window> {
  const { tick, afterId, shards, windowIds } = request
  const endId = earlier(afterId + BigInt(windowIds), tick.lastId)
  if (afterId >= endId) return windowOf(tick, [], tick.lastId)
  const messages = await readNewRows(db, { tick, afterId, endId, shards, maxBytes })
  // The same sum as PostgreSQL made: it was reached, so there may be more up to endId.
  if (bytesOf(messages) >= maxBytes) return windowOf(tick, messages, messages.at(-1)?.id ?? endId)
  if (messages.length > 0 || endId === tick.lastId) return windowOf(tick, messages, endId)
  return windowOf(
    tick,
    [],
    await skipGap(db, { afterId: endId, endId: earlier(endId + BigInt(windowIds) * gapWindows, tick.lastId) }),
  )
}

/** Windows that one look for the next id may step over: it bounds a statement's time among rows rolled back but not yet vacuumed. */
const gapWindows = 100n

function windowOf(tick: Tick, messages: LoggedMessage[], endId: bigint): Window {
  return { messages, bytes: bytesOf(messages), endId, last: endId >= tick.lastId }
}

function bytesOf(messages: readonly LoggedMessage[]): number {
  let bytes = 0
  for (const { payload } of messages) bytes += payload?.length ?? 0
  return bytes
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function checkBounds({ windowIds, maxBytes = defaultMaxBytes }: WindowRequest): void {
  if (!Number.isSafeInteger(windowIds) || windowIds < 1) throw new RangeError(`windowIds is ${windowIds}: at least 1`)
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) throw new RangeError(`maxBytes is ${maxBytes}: at least 1`)
}
