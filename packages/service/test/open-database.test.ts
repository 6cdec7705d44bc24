import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/open-database.ts'
import { readSettings } from '../src/read-settings.ts'
import { ServiceSettings } from '../src/service-settings.ts'

test('each wait for a connection is timed, whoever asks for it, and those that end without one', async () => {
  await using database = await freshDatabase()
  const settings = readSettings(ServiceSettings, {
    DATABASE_URL: database.url,
    DATABASE_POOL_MAX: '1',
    DATABASE_CONNECT_TIMEOUT_MS: '60',
    PORT: '0',
  })
  const registry = new Registry()
  const pool = openDatabase({ settings, instance: 'test', logger: pino({ level: 'silent' }), registry })
  const { rows } = await pool.query('select 1 as one')
  expect(rows).toEqual([{ one: 1 }])
  const client = await pool.connect()
  await expect(pool.query('select 2')).rejects.toThrow('timeout exceeded')
  await expect(pool.connect()).rejects.toThrow('timeout exceeded')
  client.release()
  const metrics = await registry.metrics()
  expect(metrics).toContain('outbox_database_wait_seconds_count 4\n')
  expect(Number(/^outbox_database_wait_seconds_sum (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0.11)
  await pool.end()
})
