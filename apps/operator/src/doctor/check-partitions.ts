import { defaultPartitionBounds } from '@outbox/outbox/ensure-partitions'
import { lastIdTaken } from '@outbox/outbox/last-id-taken'
import { partitionEnd } from '@outbox/outbox/partition-end'
import type { Queryable } from '@outbox/outbox/queryable'
import { type Finding, ok, warning, wrong } from './finding.ts'

/** A partition of the log from id `from` up to before `to`; the last two are null for one that is detached already. */
export type LogPartition = { name: string; pending: boolean; from: bigint | null; to: bigint | null }

/** Whether there is room for the ids to come, without a hole, and whether old partitions can go. */
export async function checkPartitions(db: Queryable): Promise<Finding[]> {
  const { rows } = await db.query<{ name: string; pending: boolean; from: string | null; to: string | null }>(
    partitionText,
  )
  const sequence = await db.query<{ last: string; cache: string }>(`
    select ${lastIdTaken} as last,
      (select seqcache from pg_sequence where seqrelid = 'outbox.message_id_seq'::regclass) as cache`)
  const partitions = rows.map(({ from, to, ...row }) => ({ ...row, from: toBigInt(from), to: toBigInt(to) }))
  const { last = '0', cache = '1' } = sequence.rows[0] ?? {}
  return [...partitionFindings(partitions, BigInt(last)), cacheFinding(cache)]
}

const toBigInt = (text: string | null) => (text === null ? null : BigInt(text))

const partitionText = String.raw`
  select c.relname as name, coalesce(inhdetachpending, false) as pending, ${partitionEnd} as to,
    substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \(''(\d+)''\)')::bigint as from
  from pg_class c left join pg_inherits on inhrelid = c.oid
  where c.relnamespace = 'outbox'::regnamespace and c.relkind = 'r' and c.relname ~ '^message_\d+$'
  order by substring(c.relname from '\d+')::bigint`

/** @param lastId the last id that was handed out */
export function partitionFindings(partitions: readonly LogPartition[], lastId: bigint): Finding[] {
  return [gapFinding(partitions, lastId), aheadFinding(partitions, lastId), detachFinding(partitions)]
}

/** A hole among ids to come refuses appends; one among old ids only says that somebody dropped a partition. */
function gapFinding(partitions: readonly LogPartition[], lastId: bigint): Finding {
  const ranges = partitions.flatMap(({ from, to, pending }) =>
    from === null || to === null || pending ? [] : [{ from, to }],
  )
  ranges.sort((a, b) => (a.from < b.from ? -1 : 1))
  const gaps = ranges.slice(1).flatMap(({ from }, at) => {
    const end = ranges[at]?.to ?? from
    return end < from ? [{ from: end, to: from }] : []
  })
  const [gap] = gaps.toReversed()
  if (gap === undefined) return ok('partition-gaps', `${ranges.length} partitions without a gap`)
  const found = `no partition holds the ids from ${gap.from} to ${gap.to - 1n}`
  if (gap.to <= lastId)
    return warning('partition-gaps', `${found}: it was dropped by hand`, 'none, if these messages were published')
  const bounds = `for values from (${gap.from}) to (${gap.to})`
  const remedy = `create table outbox.message_${gap.from} partition of outbox.message ${bounds}`
  return wrong('partition-gaps', `${found}: appends are refused there`, remedy)
}

function aheadFinding(partitions: readonly LogPartition[], lastId: bigint): Finding {
  const end = partitions.reduce((most, { to }) => (to !== null && to > most ? to : most), 0n)
  const room = end - lastId - 1n
  const { aheadIds } = defaultPartitionBounds
  const remedy = 'start a relay or a producer whose role owns outbox.message: they make partitions ahead'
  if (room <= 0n) return wrong('partitions-ahead', `the ids end at ${end - 1n}: no message can be appended`, remedy)
  const found = `there is room for ${room.toLocaleString('en')} more ids`
  return room * 2n < BigInt(aheadIds) ? warning('partitions-ahead', found, remedy) : ok('partitions-ahead', found)
}

function detachFinding(partitions: readonly LogPartition[]): Finding {
  const pending = partitions.find((partition) => partition.pending)
  const by = 'a relay does it in its next round, if its role owns outbox.message'
  if (pending) {
    const found = `the detach of outbox.${pending.name} was cut short: no other partition can be detached`
    return warning(
      'partition-detach',
      found,
      `${by}; or alter table outbox.message detach partition outbox.${pending.name} finalize`,
    )
  }
  const left = partitions.find(({ to }) => to === null)
  if (left)
    return warning(
      'partition-detach',
      `outbox.${left.name} is detached, and still there`,
      `${by}; or drop table outbox.${left.name}`,
    )
  return ok('partition-detach', 'no detach is left half done')
}

function cacheFinding(cache: string): Finding {
  if (cache === '1') return ok('identity-cache', 'ids are handed out one by one')
  const found = `sessions take ${cache} ids at once: rows of a later transaction may get lower ids, and keys lose their order`
  return wrong(
    'identity-cache',
    found,
    'alter sequence outbox.message_id_seq cache 1, and let all sessions connect anew',
  )
}
