import { expect, test } from 'vitest'
import { freshDatabase } from '../src/fresh-database.ts'

test('each test has a database of its own', async () => {
  await using one = await freshDatabase()
  await using other = await freshDatabase()
  await one.pool.query('create table mine (id int)')
  await expect(other.pool.query('select from mine')).rejects.toThrow('does not exist')
})
