import type pg from 'pg'
import { dropPartition, type PartitionState } from './drop-partition.ts'
import { lastIdTaken } from './last-id-taken.ts'
import { partitionEnd } from './partition-end.ts'
import { pollLog } from './poll-log.ts'

export type LogRetentionOptions = {
  db: pg.Pool
  /** How long messages are kept after their append: an interval as PostgreSQL reads it, such as `72h`. */
  retention: string
}

/** Waits for whoever uses the log are cut short: the next call goes on where this one stopped. */
const lockTimeoutMs = 2_000

/**
 * Drops partitions of the log whose messages are all older than the retention, published or parked, and in which nothing can
 * come late any more. Nobody who appends or reads waits for it.
 *
 * "Behind every position" isn't enough: a transaction that is still open may hold an id of a partition that all positions
 * have passed, and its rows come with a later tick. Each such transaction got its own id before it took one of the partition's,
 * so all of them are older than one that begins after the partition's last id was handed out: that is the *bar*. Once a
 * snapshot up to which everything is published has no open transaction below the bar, they have ended, and what they wrote is published.
 *
 * The bars are kept here and not in the database: a process that begins anew sets them later, which only takes longer.
 */
export class LogRetention {
  readonly #options: LogRetentionOptions
  readonly #bars = new Map<string, bigint>()

  constructor(options: LogRetentionOptions) {
    this.#options = options
  }

  /**
   * Drops what may go now, the oldest first. Any number may call it at once: one of them works, the others return.
   * @returns the names of the partitions that were dropped
   */
  async apply(): Promise<string[]> {
    const session = await this.#options.db.connect()
    try {
      if (!(await isTrue(session, `select pg_try_advisory_lock(${turn}) as it`))) return []
      await session.query(`set lock_timeout = ${lockTimeoutMs}`)
      const dropped = await this.#dropOld(session)
      await session.query(`select pg_advisory_unlock(${turn})`)
      return dropped
    } finally {
      // With the session its settings go, and the lock where something failed.
      session.release(true)
    }
  }

  async #dropOld(session: pg.ClientBase): Promise<string[]> {
    const dropped: string[] = []
    const drop = async (partition: LogPartition) => {
      await dropPartition(session, { schema: 'outbox', table: 'message' }, partition)
      dropped.push(partition.name)
    }
    const { left, full } = await readPartitions(session)
    for (const partition of left) await drop(partition)
    const past = await olderThan(session, full, this.#options.retention)
    for (const name of this.#bars.keys())
      if (!past.some((partition) => partition.name === name)) this.#bars.delete(name)
    const settled = past.length > 0 ? await settledUpTo(session) : undefined
    for (const partition of past) {
      const bar = this.#bars.get(partition.name)
      if (bar === undefined) this.#bars.set(partition.name, await transactionId(session))
      else if (settled !== undefined && settled >= bar) await drop(partition)
    }
    return dropped
  }
}

/** Names of partitions are ours: `message_` and the first id. */
type LogPartition = PartitionState & { isFull: boolean }

/** The oldest first: those which an earlier call has begun to detach, and those whose ids have all been handed out. */
async function readPartitions(session: pg.ClientBase): Promise<{ left: LogPartition[]; full: LogPartition[] }> {
  const { rows } = await session.query<LogPartition>(String.raw`
    select c.relname as name, inhrelid is not null as attached, coalesce(inhdetachpending, false) as pending,
      coalesce(${partitionEnd} <= ${lastIdTaken} + 1, false) as "isFull"
    from pg_class c left join pg_inherits on inhrelid = c.oid
    where c.relnamespace = 'outbox'::regnamespace and c.relkind = 'r' and c.relname ~ '^message_\d+$'
    order by substring(c.relname from '\d+')::bigint`)
  const isLeft = ({ attached, pending }: LogPartition) => pending || !attached
  return { left: rows.filter(isLeft), full: rows.filter((row) => row.isFull && !isLeft(row)) }
}

/** The first of `full`, up to one whose newest message is within the retention. */
async function olderThan(
  session: pg.ClientBase,
  full: readonly LogPartition[],
  retention: string,
): Promise<LogPartition[]> {
  const past: LogPartition[] = []
  for (const partition of full) {
    const newest = `select created_at from outbox.${partition.name} order by id desc limit 1`
    const isOld = `select coalesce((${newest}) < clock_timestamp() - $1::interval, true) as it`
    if (!(await isTrue(session, isOld, [retention]))) break
    past.push(partition)
  }
  return past
}

/**
 * The oldest transaction that was open for the newest snapshot up to which everything is published or parked: that of the last
 * tick which every shard has completed, or, where nothing is new since, that of now. Undefined on a log without any.
 */
async function settledUpTo(session: pg.ClientBase): Promise<bigint | undefined> {
  const { last, snapshot, somethingNew } = await pollLog(session)
  const { rows } = await session.query<{ n: string; xmin: string }>(`
    with slowest as (select position_n, position_id from outbox.shard order by position_n, position_id limit 1)
    select done.n, pg_snapshot_xmin(done.snapshot) as xmin
    from slowest join outbox.tick as begun on begun.n = slowest.position_n
    join outbox.tick as done on done.n = case when slowest.position_id >= begun.last_id then begun.n else begun.prev end`)
  const done = rows[0]
  if (done === undefined) return undefined
  if (BigInt(done.n) < last.n || somethingNew) return BigInt(done.xmin)
  return BigInt(snapshot.split(':', 1)[0] ?? 0)
}

/** The id of a transaction that begins now. */
async function transactionId(session: pg.ClientBase): Promise<bigint> {
  const { rows } = await session.query<{ xid: string }>('select pg_current_xact_id() as xid')
  return BigInt(rows[0]?.xid ?? 0)
}

const turn = "hashtextextended('outbox retention', 0)"

async function isTrue(session: pg.ClientBase, select: string, values?: unknown[]): Promise<boolean> {
  return (await session.query<{ it: boolean }>(select, values)).rows[0]?.it ?? false
}
