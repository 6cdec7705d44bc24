import type pg from 'pg'
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
 * @see https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION
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
    const dropped = await finishDetaches(session)
    const past = await partitionsPast(session, this.#options.retention)
    for (const name of this.#bars.keys()) if (!past.includes(name)) this.#bars.delete(name)
    const settled = past.length > 0 ? await settledUpTo(session) : undefined
    for (const name of past) {
      const bar = this.#bars.get(name)
      if (bar === undefined) this.#bars.set(name, await transactionId(session))
      else if (settled !== undefined && settled >= bar) {
        await session.query(`alter table outbox.message detach partition outbox.${name} concurrently`)
        await session.query(`drop table outbox.${name}`)
        this.#bars.delete(name)
        dropped.push(name)
      }
    }
    return dropped
  }
}

/** A detach that was cut short stands in the way of every other; one that is done leaves a table that nobody needs. */
async function finishDetaches(session: pg.ClientBase): Promise<string[]> {
  const pending = await namesOf(session, `${partitions} and inhdetachpending ${oldestFirst}`)
  for (const name of pending) await session.query(`alter table outbox.message detach partition outbox.${name} finalize`)
  const detached = await namesOf(
    session,
    String.raw`
    select relname as name from pg_class
    where relnamespace = 'outbox'::regnamespace and relkind = 'r' and relname ~ '^message_\d+$'
      and not exists (select from pg_inherits where inhrelid = pg_class.oid)`,
  )
  for (const name of detached) await session.query(`drop table outbox.${name}`)
  return detached
}

/** The oldest partitions whose ids have all been handed out and whose newest message is older than the retention. */
async function partitionsPast(session: pg.ClientBase, retention: string): Promise<string[]> {
  const full = await namesOf(
    session,
    String.raw`${partitions}
      and substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \(''(\d+)''\)')::bigint <= (
        select last_value + is_called::int from outbox.message_id_seq)
      ${oldestFirst}`,
  )
  const past: string[] = []
  for (const name of full) {
    const newest = `select created_at from outbox.${name} order by id desc limit 1`
    const isOld = `select coalesce((${newest}) < clock_timestamp() - $1::interval, true) as it`
    if (!(await isTrue(session, isOld, [retention]))) break
    past.push(name)
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

const partitions = `
    select c.relname as name from pg_inherits join pg_class c on c.oid = inhrelid
    where inhparent = 'outbox.message'::regclass`
const oldestFirst = String.raw`order by substring(c.relname from '\d+')::bigint`

/** Names of partitions are ours: `message_` and the first id. */
async function namesOf(session: pg.ClientBase, select: string): Promise<string[]> {
  return (await session.query<{ name: string }>(select)).rows.map(({ name }) => name)
}

async function isTrue(session: pg.ClientBase, select: string, values?: unknown[]): Promise<boolean> {
  return (await session.query<{ it: boolean }>(select, values)).rows[0]?.it ?? false
}
