import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { expect, test } from 'vitest'
import { migrateLedger } from '../src/migrate-ledger.ts'
import { readProgress } from '../src/read-progress.ts'

/** Undoes what the last migration did, as far as it would notice. */
const asBefore = `
  drop table ledger.effect;
  create table ledger.effect (id bigint generated always as identity (sequence name ledger.effect_id_seq), sequence integer)
    partition by range (id);
  create table ledger.effect_0 partition of ledger.effect for values from (0) to (500000);
  create table ledger.effect_7 (like ledger.effect);
  insert into ledger.effect (sequence) values (1);
  insert into ledger.progress (group_name, run, topic, partition, effects, after_id, updated_at)
    values ('a', 'before', 't', 0, 1, 0, now());
  delete from ledger.migration where created_at = (select max(created_at) from ledger.migration)`

test('what load tests of before left behind goes when rows begin to hold many effects', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(asBefore)
  expect(await migrateLedger(db.pool)).toEqual(['0002_packed_effects'])
  expect(await readProgress(db.pool, 'before')).toEqual([])
  const { rows } = await db.pool.query(
    `select (select count(*)::int from ledger.effect) as effects,
       (select count(*)::int from pg_inherits where inhparent = 'ledger.effect'::regclass) as partitions`,
  )
  expect(rows).toEqual([{ effects: 0, partitions: 16 }])
})
