/** Fixed when a log is made: another number would move keys from shard to shard. */
export const shardCount = 16

/** A row's shard, in SQL: computed there and nowhere else. */
export const shardOfRow = `(hashtextextended(coalesce(key, id::text), 0) & ${shardCount - 1})::int`

/** The condition, in SQL, that a row belongs to one of `shards`; nothing to check for a relay that owns all. */
export function inShards(shards: readonly number[] | 'all'): string {
  if (shards === 'all' || shards.length === shardCount) return 'true'
  for (const shard of shards)
    if (!Number.isInteger(shard) || shard < 0 || shard >= shardCount) throw new RangeError(`There is no shard ${shard}`)
  return `${shardOfRow} = any('{${shards.join()}}'::int[])`
}
