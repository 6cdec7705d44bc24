import { expect, test } from 'vitest'
import { createReadiness } from '../src/readiness.ts'

test('an app is ready once all its parts are up, and names those that are down', () => {
  const readiness = createReadiness({ instance: 'a-1', parts: ['database', 'kafka'] })
  expect(readiness.report()).toMatchObject({ instance: 'a-1', status: 'not ready', failing: ['database', 'kafka'] })
  readiness.up('database')
  readiness.down('kafka', 'no broker answers')
  expect(readiness.report()).toMatchObject({
    status: 'not ready',
    failing: ['kafka'],
    parts: { database: { up: true }, kafka: { up: false, reason: 'no broker answers' } },
  })
  readiness.up('kafka')
  expect(readiness.report()).toMatchObject({ status: 'ready', failing: [] })
})

test('one that stops is never ready again', () => {
  const readiness = createReadiness({ instance: 'a-1', parts: [] })
  readiness.stop()
  readiness.up('database')
  expect(readiness.report()).toMatchObject({ status: 'stopping', failing: ['stopping'] })
})
