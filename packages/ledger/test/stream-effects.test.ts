import { freshDatabase } from '@outbox/local-stack/fresh-database'
import fc from 'fast-check'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { migrateLedger } from '../src/migrate-ledger.ts'
import { type PackedEffect, packEffects } from '../src/pack-effects.ts'
import { createEffectParser } from '../src/parse-effects.ts'
import { type Effect, streamEffects } from '../src/stream-effects.ts'

function packed(sequence: number, change: Partial<PackedEffect> = {}): PackedEffect {
  return {
    sequence,
    keySequence: sequence,
    checksumSent: 0,
    checksumReceived: 0,
    sentAtMs: 1_795_000_000_000,
    appendedAtMs: null,
    publishedAtMs: 1_795_000_000_001,
    replayed: false,
    key: null,
    ...change,
  }
}

/** A row for each few effects, so that a few thousand of them reach over a border of partitions. */
async function insertEffects(pool: pg.Pool, run: string, count: number): Promise<void> {
  const effects = Array.from({ length: count }, (_, sequence) => packed(sequence))
  await pool.query(
    `with counted as (
       insert into ledger.progress (group_name, run, topic, partition, effects, after_id, updated_at)
       values ('a', $1, 't', 0, $2, (select last_value - (not is_called)::int from ledger.effect_id_seq), now())
       returning id
     )
     insert into ledger.effect (progress_id, effects) select counted.id, piece from counted, unnest($3::bytea[]) as piece`,
    [run, count, packEffects(effects, 100)],
  )
}

async function sequencesOf(pool: pg.Pool, run: string): Promise<number[]> {
  const client = await pool.connect()
  const sequences: number[] = []
  try {
    await streamEffects(client, { run, onEffect: ({ sequence }) => sequences.push(sequence) })
  } finally {
    client.release()
  }
  return sequences
}

test('a run is read over the borders of partitions, other runs between', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(`select setval('ledger.effect_id_seq', 9500)`)
  await insertEffects(db.pool, 'other', 500)
  await insertEffects(db.pool, 'mine', 2_000)
  await insertEffects(db.pool, 'another', 500)
  const { rows } = await db.pool.query('select count(distinct tableoid)::int as partitions from ledger.effect')
  expect(rows).toEqual([{ partitions: 2 }])
  expect(await sequencesOf(db.pool, 'mine')).toEqual(Array.from({ length: 2_000 }, (_, n) => n))
})

test('an unknown run has no effects', async () => {
  await using db = await freshDatabase(migrateLedger)
  expect(await sequencesOf(db.pool, 'none')).toEqual([])
})

test('effects that were counted but are gone are an error, not a loss', async () => {
  await using db = await freshDatabase(migrateLedger)
  await insertEffects(db.pool, 'mine', 10)
  await db.pool.query('delete from ledger.effect where id = 3')
  await expect(sequencesOf(db.pool, 'mine')).rejects.toMatchObject({ code: 'OUTBOX_LEDGER_INCOMPLETE' })
})

test('full rows stay whole in their page, and nothing is compressed', async () => {
  await using db = await freshDatabase(migrateLedger)
  const pieces = packEffects(
    Array.from({ length: 1_000 }, (_, n) => packed(n)),
    8_000,
  )
  await db.pool.query('insert into ledger.effect (progress_id, effects) select 1, unnest($1::bytea[])', [pieces])
  const { rows } = await db.pool.query(
    `select count(pg_column_compression(effects))::int as compressed, sum(octet_length(effects))::int as bytes,
       pg_relation_size(reltoastrelid)::int as beside
     from ledger.effect, pg_class where pg_class.oid = 'ledger.effect_0'::regclass group by reltoastrelid`,
  )
  expect(rows).toEqual([{ compressed: 0, bytes: 45_000, beside: 0 }])
})

test('rows may be cut anywhere', () => {
  const effects = [packed(41), packed(42, { key: Buffer.from('k1'), replayed: true, checksumReceived: 2 ** 32 - 1 })]
  const [piece = Buffer.alloc(0)] = packEffects(effects, 8_000)
  const head = Buffer.alloc(2 + 8 + 12 + 4)
  head.writeInt32BE(7, 6)
  head.writeInt32BE(piece.length, 22)
  const data = Buffer.concat([Buffer.alloc(19), head, piece, head, piece, Buffer.from([255, 255])])
  const cuts = fc.array(fc.nat(data.length), { maxLength: 5 }).map((cuts) => cuts.toSorted((a, b) => a - b))
  fc.assert(
    fc.property(cuts, (cuts) => {
      const found: Effect[] = []
      const parser = createEffectParser(new Map([[7, 'a']]), (effect) => found.push(effect))
      for (const [index, cut] of [0, ...cuts].entries()) parser.push(data.subarray(cut, cuts[index] ?? data.length))
      expect(parser.count()).toBe(4)
      const [first, second] = effects.map((effect) => ({ ...effect, group: 'a', appliedAtMs: 946_684_800_000 }))
      expect(found).toEqual([first, { ...second, key: 'k1' }, first, { ...second, key: 'k1' }])
    }),
  )
})
