import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import * as schema from '../src/schema.ts'
import { outboxDatabase } from './outbox-database.ts'

test("Drizzle's schema is the database's: tables, columns in order, types, nullability, defaults, indexes", async () => {
  await using db = await outboxDatabase()
  const columns = await db.pool.query(`
    select table_name, column_name, format_type(a.atttypid, a.atttypmod) as type, is_nullable = 'NO' as not_null,
      column_default is not null or is_identity = 'YES' as has_default
    from information_schema.columns
    join pg_attribute a on a.attrelid = format('%I.%I', table_schema, table_name)::regclass and a.attname = column_name
    where table_schema = 'outbox' and table_name <> 'migration' and table_name !~ '^message_'
    order by table_name, ordinal_position`)
  const indexes = await db.pool.query(`
    select tablename as table, indexname as name from pg_indexes
    where schemaname = 'outbox' and tablename <> 'migration' and tablename !~ '^message_' order by 1, 2`)
  const tables = Object.values(schema)
    .filter((value) => is(value, PgTable))
    .map((table) => getTableConfig(table))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))

  expect(columns.rows).toEqual(
    tables.flatMap((table) =>
      table.columns.map((column) => ({
        table_name: table.name,
        column_name: column.name,
        type: column.getSQLType(),
        not_null: column.notNull,
        has_default: column.hasDefault,
      })),
    ),
  )
  const declared = tables.flatMap((table) =>
    [
      `${table.name}_pkey`,
      ...table.indexes.map(({ config }) => config.name),
      ...table.columns.filter(({ isUnique }) => isUnique).map(({ uniqueName }) => uniqueName),
    ].map((name) => ({ table: table.name, name })),
  )
  expect(indexes.rows).toEqual(declared.toSorted((a, b) => (`${a.table} ${a.name}` < `${b.table} ${b.name}` ? -1 : 1)))
})
