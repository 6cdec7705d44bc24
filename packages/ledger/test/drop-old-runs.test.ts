import { freshDatabase } from '@outbox/local-stack/fresh-database'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { dropOldRuns } from '../src/drop-old-runs.ts'
import { migrateLedger } from '../src/migrate-ledger.ts'

const hourMs = 3_600_000

async function partitions(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'ledger'::regnamespace and relname ~ '^effect_[0-9]+$'
     order by substr(relname, 8)::int limit 1`,
  )
  return rows.map(({ name }) => name)
}

async function addRun(pool: pg.Pool, { run, afterId, ageHours }: { run: string; afterId: number; ageHours: number }) {
  await pool.query(
    `insert into ledger.progress (group_name, run, topic, partition, effects, after_id, updated_at)
     values ('a', $1, 't', 0, 1, $2, clock_timestamp() - $3 * interval '1 hour')`,
    [run, afterId, ageHours],
  )
}

test('partitions that only old runs have effects in are dropped', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(`select setval('ledger.effect_id_seq', 64000)`)
  await addRun(db.pool, { run: 'old', afterId: 0, ageHours: 30 })
  await addRun(db.pool, { run: 'young', afterId: 34_000, ageHours: 1 })
  expect(await dropOldRuns(db.pool, { untouchedMs: 24 * hourMs })).toEqual({ runs: ['old'], partitions: 3 })
  expect(await partitions(db.pool)).toEqual(['effect_3'])
  expect(await dropOldRuns(db.pool, { untouchedMs: 24 * hourMs })).toEqual({ runs: [], partitions: 0 })
})

test('the partitions in use stay when no run is left', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(`select setval('ledger.effect_id_seq', 34000)`)
  expect(await dropOldRuns(db.pool, { untouchedMs: 0 })).toEqual({ runs: [], partitions: 2 })
  expect(await partitions(db.pool)).toEqual(['effect_2'])
})

test('a detach that was interrupted is finished', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(`select setval('ledger.effect_id_seq', 34000)`)
  const reader = await db.pool.connect()
  await reader.query('begin')
  await reader.query('select from ledger.effect_0')
  const detach = await db.pool.connect()
  await detach.query(`set statement_timeout = 200`)
  await expect(
    detach.query('alter table ledger.effect detach partition ledger.effect_0 concurrently'),
  ).rejects.toThrow()
  await reader.query('commit')
  reader.release()
  detach.release(true)
  expect(await dropOldRuns(db.pool, { untouchedMs: 0 })).toEqual({ runs: [], partitions: 2 })
  expect(await partitions(db.pool)).toEqual(['effect_2'])
})
