import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { expect, test } from 'vitest'
import { startProcess } from './producer-process.ts'
import { one, post } from './producer-under-test.ts'

test('a collector that is away harms nothing: it is a line in the log, and the stop is orderly', async () => {
  await using database = await freshDatabase()
  await using producer = startProcess({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  })
  await producer.ready()
  expect(await post(await producer.url(), one())).toMatchObject({ status: 202 })
  await expect.poll(() => producer.stdout()).toContain('ECONNREFUSED')
  expect(await post(await producer.url(), one())).toMatchObject({ status: 202 })
  producer.kill('SIGTERM')
  expect([await producer.exitCode, producer.stderr()]).toEqual([0, ''])
  expect(producer.log().at(-1)).toMatchObject({ msg: 'stopped' })
})
