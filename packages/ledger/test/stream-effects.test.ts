import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { expect, test } from 'vitest'
import { migrateLedger } from '../src/migrate-ledger.ts'
import { createEffectParser } from '../src/parse-effects.ts'
import { type Effect, streamEffects } from '../src/stream-effects.ts'

const insertEffects = `
  with counted as (
    insert into ledger.progress (group_name, run, topic, partition, effects, after_id, updated_at)
    values ('a', $1, 't', 0, $2::int, (select last_value - (not is_called)::int from ledger.effect_id_seq), now())
    returning id
  )
  insert into ledger.effect (progress_id, sent_at, published_at, sequence, key_sequence, checksum_sent, checksum_received)
  select counted.id, now(), now(), n, n, 0, 0 from counted, generate_series(0, $2::int - 1) as n`

test('a run is read over the borders of partitions, other runs between', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(`select setval('ledger.effect_id_seq', 499000)`)
  await db.pool.query(insertEffects, ['other', 500])
  await db.pool.query(insertEffects, ['mine', 2_000])
  await db.pool.query(insertEffects, ['another', 500])
  const client = await db.pool.connect()
  const sequences: number[] = []
  await streamEffects(client, { run: 'mine', onEffect: ({ sequence }) => sequences.push(sequence) })
  client.release()
  expect(sequences).toEqual(Array.from({ length: 2_000 }, (_, n) => n))
})

test('effects from before replays were marked are none', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(insertEffects, ['mine', 2])
  const client = await db.pool.connect()
  const marks: boolean[] = []
  await streamEffects(client, { run: 'mine', onEffect: ({ replayed }) => marks.push(replayed) })
  client.release()
  expect(marks).toEqual([false, false])
})

test('an unknown run has no effects', async () => {
  await using db = await freshDatabase(migrateLedger)
  const client = await db.pool.connect()
  await streamEffects(client, { run: 'none', onEffect: () => expect.unreachable() })
  client.release()
})

test('effects that were counted but are gone are an error, not a loss', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(insertEffects, ['mine', 10])
  await db.pool.query('delete from ledger.effect where sequence = 3')
  const client = await db.pool.connect()
  await expect(streamEffects(client, { run: 'mine', onEffect: () => {} })).rejects.toMatchObject({
    code: 'OUTBOX_LEDGER_INCOMPLETE',
  })
  client.release()
})

test('rows may be cut anywhere', () => {
  const row = Buffer.alloc(2 + 5 * 8 + 3 * 12 + 5 + 4 + 6)
  row.writeInt32BE(7, 6)
  row.writeInt32BE(42, 14)
  row[82] = 1
  row.writeInt32BE(-1, 83)
  row.writeInt32BE(2, 87)
  row.write('k1', 91)
  const data = Buffer.concat([Buffer.alloc(19), row, row, Buffer.from([255, 255])])
  for (let cut = 0; cut <= data.length; cut += 1) {
    const effects: Effect[] = []
    const parser = createEffectParser(new Map([[7, 'a']]), (effect) => effects.push(effect))
    parser.push(data.subarray(0, cut))
    parser.push(data.subarray(cut))
    expect(parser.count()).toBe(2)
    expect(effects[1]).toMatchObject({
      group: 'a',
      sequence: 42,
      key: 'k1',
      appendedAtMs: null,
      sentAtMs: 946_684_800_000,
      replayed: true,
    })
  }
})
