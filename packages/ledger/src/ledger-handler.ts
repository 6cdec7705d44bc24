import { crc32 } from 'node:zlib'
import type { Handler, HandlerContext, InboxMessage } from '@outbox/inbox/handler'
import { binaryArray } from '@outbox/outbox/binary-array'
import { appendedAtMs } from '@outbox/outbox/message-id'
import type { ClientBase } from 'pg'
import { type LoadtestStamp, loadtestHeader, parseLoadtestHeader } from './loadtest-header.ts'
import { type PackedEffect, packEffects } from './pack-effects.ts'

/** A load test's message has an effect in the ledger. A message that is not a load test's has none. */
export const handle: Handler = async (tx, messages, context) => {
  for (const [run, effects] of byRun(messages)) await recordEffects(tx, { ...context, run }, effects)
}

/** The runs' effects, each in the order in which their messages came. */
function byRun(messages: readonly InboxMessage[]): Map<string, PackedEffect[]> {
  const runs = new Map<string, PackedEffect[]>()
  for (const message of messages) {
    const header = message.headers[loadtestHeader]
    const stamp = header === undefined ? undefined : parseLoadtestHeader(header)
    if (stamp === undefined) continue
    const ofRun = runs.get(stamp.run)
    if (ofRun === undefined) runs.set(stamp.run, [effectOf(message, stamp)])
    else ofRun.push(effectOf(message, stamp))
  }
  return runs
}

function effectOf({ key, value, timestamp, messageId, replayed }: InboxMessage, stamp: LoadtestStamp): PackedEffect {
  return {
    sequence: stamp.sequence,
    keySequence: stamp.keySequence,
    checksumSent: stamp.checksum,
    checksumReceived: crc32(value ?? ''),
    sentAtMs: stamp.sentAtMs,
    appendedAtMs: appendTimeMs(messageId),
    publishedAtMs: timestamp,
    replayed,
    key,
  }
}

async function recordEffects(
  tx: ClientBase,
  { run, group, topic, partition }: HandlerContext & { run: string },
  effects: readonly PackedEffect[],
): Promise<void> {
  const pieces = binaryArray('bytea', packEffects(effects, pieceBytes))
  const { rows } = await tx.query<{ short: boolean }>({
    name: 'ledger_record_effects',
    text: recordStatement,
    values: [run, group, topic, partition, effects.length, pieces],
  })
  if (rows[0]?.short === true) await tx.query('select ledger.add_partitions()')
}

/** So that a row fills a page: beyond it, PostgreSQL would cut it into pieces of 2 kB and index them. */
const pieceBytes = 8_000

const recordStatement = `
with head as (
  select coalesce(pg_sequence_last_value('ledger.effect_id_seq'), 0) as id
), counted as (
  insert into ledger.progress as progress (run, group_name, topic, partition, effects, after_id, updated_at)
  select $1, $2, $3, $4, $5, id, clock_timestamp() from head
  on conflict (run, group_name, topic, partition)
    do update set effects = progress.effects + excluded.effects, updated_at = excluded.updated_at
  returning id
), recorded as (
  insert into ledger.effect (progress_id, effects)
  select counted.id, piece from counted, unnest($6::bytea[]) as piece
)
select to_regclass('ledger.effect_' || id / 10000 + 8) is null as short from head`

/** A message from elsewhere may bring any id, or none. */
function appendTimeMs(messageId: string | undefined): number | null {
  if (messageId === undefined) return null
  const ms = appendedAtMs(messageId)
  return Number.isSafeInteger(ms) && ms < 1e14 ? ms : null
}
