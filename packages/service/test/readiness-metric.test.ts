import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createReadiness } from '../src/readiness.ts'
import { registerReadiness } from '../src/readiness-metric.ts'

test('a scrape tells of each part whether it is up', async () => {
  const registry = new Registry()
  const readiness = createReadiness({ instance: 'a-1', parts: ['database', 'kafka'] })
  registerReadiness(registry, readiness)
  readiness.up('database')
  const metrics = await registry.metrics()
  expect(metrics).toContain('outbox_app_part_up{part="database"} 1\n')
  expect(metrics).toContain('outbox_app_part_up{part="kafka"} 0\n')
})
