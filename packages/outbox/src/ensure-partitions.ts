import { lastIdTaken } from './last-id-taken.ts'
import type { Queryable } from './queryable.ts'
import { partitionsEnd, readLogEnd } from './read-log-end.ts'

/** `aheadIds`: ids for which there must be room beyond the last one taken. `partitionIds`: ids a new partition holds. */
export type PartitionBounds = { aheadIds: number; partitionIds: number }

export const defaultPartitionBounds: PartitionBounds = { aheadIds: 20_000_000, partitionIds: 2_000_000 }

/** How long one that makes partitions waits for another, or for a detach under way, in ms. */
const lockTimeoutMs = 10_000

/**
 * Makes the log's partitions well ahead, so that nobody who appends ever waits for one. Any number may call it at once.
 * @returns how many were made
 */
export async function ensurePartitions(
  db: Queryable,
  { aheadIds, partitionIds }: PartitionBounds = defaultPartitionBounds,
): Promise<number> {
  if (!Number.isSafeInteger(aheadIds) || aheadIds < 1) throw new RangeError(`aheadIds is ${aheadIds}: at least 1`)
  if (!Number.isSafeInteger(partitionIds) || partitionIds < 1)
    throw new RangeError(`partitionIds is ${partitionIds}: at least 1`)
  const before = await readLogEnd(db)
  if (before.end >= before.lastId + BigInt(aheadIds)) return 0
  await db.query(addPartitions(aheadIds, partitionIds))
  return (await readLogEnd(db)).partitions - before.partitions
}

/**
 * One statement, hence one transaction. `attach` leaves readers and writers of the log alone, where `partition of` would lock
 * them out; the check tells it that there is nothing to look through, and then goes, as each insert would pay for it.
 */
const addPartitions = (aheadIds: number, partitionIds: number) => `
do $outbox$
declare
  low bigint;
  name text;
begin
  perform set_config('lock_timeout', '${lockTimeoutMs}', true);
  perform pg_advisory_xact_lock(hashtextextended('outbox partitions', 0));
  loop
    low := (${partitionsEnd});
    exit when low >= ${lastIdTaken} + ${aheadIds};
    name := format('message_%s', low);
    execute format('create table outbox.%I (like outbox.message including defaults including storage including indexes,'
      ' constraint id_in_range check (id >= %s and id < %s))', name, low, low + ${partitionIds});
    execute format('alter table outbox.message attach partition outbox.%I for values from (%s) to (%s)',
      name, low, low + ${partitionIds});
    execute format('alter table outbox.%I drop constraint id_in_range', name);
  end loop;
end
$outbox$`
