import { originalIdHeader } from './append-messages.ts'
import { lastIdTaken } from './last-id-taken.ts'
import type { Queryable } from './queryable.ts'
import {
  isPublished,
  ofItsShard,
  progressRows,
  progressValues,
  readShardProgress,
  type ShardProgress,
} from './shard-progress.ts'

/** Which messages of the log; what is left out doesn't matter. */
export type ReplayChoice = {
  /** Appended at this time or later. */
  since?: Date
  /** Appended before this time. */
  until?: Date
  topic?: string
  key?: string
  /** Ids of rows in the log, both ends included. */
  fromId?: bigint
  toId?: bigint
}

/** What a replay is to send, fixed: neither what is appended later nor what it sends itself is part of it. */
export type ReplayPlan = {
  choice: ReplayChoice
  /** Rows with `afterId < id ≤ endId`. */
  afterId: bigint
  endId: bigint
  /** Where the shards stood. */
  progress: ShardProgress[]
} & ReplayCounts

export type ReplayCounts = {
  /** How many are to be sent again. */
  chosen: number
  /** Of these, how many had been sent again before. They keep the id that they had first, which may be chosen as well. */
  sentBefore: number
  /** Left out: they are still to come, the first time. */
  unpublished: number
  /** Left out: Kafka refused them, and they are sent when their cause is mended. */
  parked: number
  /** Transactions that are writing into the log now. What they have appended can't be seen, so it is no part of this. */
  openWriters: number
}

/** Ids that one statement looks through; payloads aren't touched. */
const windowIds = 50_000n

/**
 * Fixes what a replay is to send, and counts it, by windows of ids.
 * @param options.onProgress told how far it has looked through the log
 * @throws {PositionsBrokenError} when nobody can tell what is published
 */
export async function planReplay(
  db: Queryable,
  choice: ReplayChoice,
  { onProgress = () => {} }: { onProgress?: (at: { upToId: bigint; endId: bigint }) => void } = {},
): Promise<ReplayPlan> {
  const progress = await readShardProgress(db)
  const log = await readBounds(db)
  const afterId = larger((choice.fromId ?? 1n) - 1n, log.firstId - 1n)
  const endId = choice.toId !== undefined && choice.toId < log.lastId ? choice.toId : log.lastId
  const counts = { chosen: 0, sentBefore: 0, unpublished: 0, parked: 0 }
  for (let low = afterId; low < endId; low += windowIds) {
    const high = low + windowIds < endId ? low + windowIds : endId
    const { rows } = await db.query<typeof counts>(countText, [
      ...progressValues(progress),
      low,
      high,
      ...choiceValues(choice),
    ])
    for (const name of ['chosen', 'sentBefore', 'unpublished', 'parked'] as const) counts[name] += rows[0]?.[name] ?? 0
    onProgress({ upToId: high, endId })
  }
  return { choice, afterId, endId, progress, ...counts, openWriters: log.openWriters }
}

/** The values of {@link choiceCondition}'s parameters, `$9` to `$12`. */
export function choiceValues({ since, until, topic, key }: ReplayChoice): unknown[] {
  return [since, until, topic, key]
}

/** SQL: a row of the window `$7 < id ≤ $8` that is chosen. */
export const choiceCondition = `
  message.id > $7::bigint and message.id <= $8::bigint
  and ($9::timestamptz is null or created_at >= $9) and ($10::timestamptz is null or created_at < $10)
  and ($11::text is null or topic = $11) and ($12::text is null or key = $12)`

/** SQL: it is a dead letter. */
export const isParked = 'exists (select from outbox.dead_letter where dead_letter.id = message.id)'

const countText = `
  select (count(*) filter (where published and not parked))::int as chosen,
    (count(*) filter (where published and not parked and sent_before))::int as "sentBefore",
    (count(*) filter (where not published))::int as unpublished,
    (count(*) filter (where published and parked))::int as parked
  from (
    select ${isPublished} as published, ${isParked} as parked,
      headers ->> '${originalIdHeader}' is not null as sent_before
    from outbox.message join ${progressRows} on ${ofItsShard}
    where ${choiceCondition}
  ) as found`

/** Where the log begins and ends now. Who has written into it in an open transaction, prepared ones too, holds its table's lock. */
async function readBounds(db: Queryable): Promise<{ firstId: bigint; lastId: bigint; openWriters: number }> {
  const { rows } = await db.query<{ first: string | null; last: string; writers: number }>(`
    select (select id from outbox.message order by id limit 1) as first,
      ${lastIdTaken} as last,
      (select count(distinct virtualtransaction)::int from pg_locks
        where database = (select oid from pg_database where datname = current_database())
          and relation = 'outbox.message'::regclass and mode = 'RowExclusiveLock') as writers`)
  const { first = null, last = '0', writers = 0 } = rows[0] ?? {}
  return { firstId: BigInt(first ?? 1), lastId: BigInt(last), openWriters: writers }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
