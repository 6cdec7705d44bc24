import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { appendAgain, originalIdOf, type SentMessage } from './append-again.ts'
import { choiceCondition, choiceValues, isParked, type ReplayPlan } from './plan-replay.ts'
import { isPublished, ofItsShard, progressRows, progressValues } from './shard-progress.ts'
import { skipGap } from './skip-gap.ts'

export type ReplayOptions = {
  /** Messages a second, at most. */
  rate: number
  /** Stops between two batches. */
  signal: AbortSignal
  /** Told after each batch. */
  onProgress: (progress: ReplayProgress) => void
  /** Payload bytes at which a batch is cut: it holds at most these and one payload more. */
  maxBytes?: number
}

/** How many have been sent again, and up to which id of the log that is done with. */
export type ReplayProgress = { replayed: number; upToId: bigint }

/** The connection was lost in a batch's COMMIT: it may have been sent again, or not. Those before it were. */
export class ReplayInDoubtError extends Error {
  readonly code = 'OUTBOX_REPLAY_IN_DOUBT'

  constructor({ first, endId }: { first: SentMessage & { id: string }; endId: bigint }, cause: unknown) {
    super(
      `The connection was lost while the batch from id ${first.id} on was committed. It was sent again if a row behind id ${endId} ` +
        `has the header outbox-original-id ${originalIdOf(first)}.`,
      { cause },
    )
    this.name = 'ReplayInDoubtError'
  }
}

const batchMessages = 500
const batchesASecond = 4
const windowIds = 10_000n
const defaultMaxBytes = 4 * 1024 * 1024

/**
 * Sends the messages of a plan again, each as a new row, in the order of their ids: which is that of a key's writers, where these
 * wait for each other. Each batch is a transaction of its own. Every consumer group gets them again, behind all that was appended before.
 * @returns how far it came; `upToId` is the plan's `endId` unless `signal` has stopped it
 * @throws {ReplayInDoubtError} when nobody knows whether the batch in hand was committed
 */
export async function replayMessages(
  pool: pg.Pool,
  plan: ReplayPlan,
  { rate, signal, onProgress, maxBytes = defaultMaxBytes }: ReplayOptions,
): Promise<ReplayProgress> {
  const limit = Math.min(batchMessages, Math.max(1, Math.floor(rate / batchesASecond)))
  const progress = { replayed: 0, upToId: plan.afterId }
  while (progress.upToId < plan.endId && !signal.aborted) {
    const startedMs = performance.now()
    const { sent, endId } = await replayBatch(pool, plan, { afterId: progress.upToId, limit, maxBytes })
    progress.replayed += sent
    progress.upToId = sent === 0 ? await skipGap(pool, { afterId: endId, endId: plan.endId }) : endId
    onProgress({ ...progress })
    const waitMs = (sent / rate) * 1_000 - (performance.now() - startedMs)
    if (waitMs > 0 && progress.upToId < plan.endId) await sleep(waitMs, undefined, { signal }).catch(() => {})
  }
  return progress
}

/** @returns how many were sent, and up to which id the log is done with */
async function replayBatch(
  pool: pg.Pool,
  { progress, choice, endId }: ReplayPlan,
  { afterId, limit, maxBytes }: { afterId: bigint; limit: number; maxBytes: number },
): Promise<{ sent: number; endId: bigint }> {
  const client = await pool.connect()
  const high = afterId + windowIds < endId ? afterId + windowIds : endId
  let failed = true
  try {
    await client.query('begin')
    const values = [...progressValues(progress), afterId, high, ...choiceValues(choice), limit, maxBytes]
    const { rows } = await client.query<SentMessage & { id: string }>(readText, values)
    if (rows.length > 0) await appendAgain(client, rows)
    await client.query('commit').catch((error) => {
      throw rows[0] ? new ReplayInDoubtError({ first: rows[0], endId }, error) : error
    })
    failed = false
    const bytes = rows.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0)
    const cut = rows.length === limit || bytes >= maxBytes
    return { sent: rows.length, endId: cut ? BigInt(rows.at(-1)?.id ?? high) : high }
  } finally {
    // The end of the session rolls back what has failed.
    client.release(failed)
  }
}

/** Payloads that are kept apart (above 2 kB) are only fetched for the rows that are left. */
const readText = `
  select id, message_id, topic, key, payload, headers
  from (
    select *, sum(octet_length(payload)) over (order by id rows between unbounded preceding and 1 preceding) as before
    from (
      select message.id, message_id, topic, key, payload, headers
      from outbox.message join ${progressRows} on ${ofItsShard}
      where ${choiceCondition} and ${isPublished} and not ${isParked}
      order by message.id limit $13
    ) as chosen
  ) as counted
  where coalesce(before, 0) < $14::bigint
  order by id`
