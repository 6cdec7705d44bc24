import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRunningSystem } from '@outbox/service/running-system'
import { expect, test } from 'vitest'
import { checkProducers } from '../src/system/check-producers.ts'
import { findSystem } from '../src/system/find-system.ts'
import { fakeProducer } from './fake-producer.ts'

const nothing = { producers: undefined, databaseUrl: undefined }
const running = {
  pid: process.pid,
  databaseUrl: 'postgres://running/d',
  kafkaBrokers: 'running:9092',
  apps: [
    { name: 'producer-1', url: 'http://running:1' },
    { name: 'relay-1', url: 'http://running:2' },
  ],
}

test('an option goes before the environment, that before the running system, that before the usual places', () => {
  const env = { DATABASE_URL: 'postgres://env/d', PRODUCER_URLS: 'http://env:1, http://env:2' }
  const options = { producers: ['http://option:1'], databaseUrl: 'postgres://option/d' }
  expect(findSystem({ options, env, running })).toMatchObject({
    databaseUrl: 'postgres://option/d',
    producers: ['http://option:1'],
  })
  expect(findSystem({ options: nothing, env, running })).toMatchObject({
    databaseUrl: 'postgres://env/d',
    producers: ['http://env:1', 'http://env:2'],
  })
  expect(findSystem({ options: nothing, env: {}, running })).toMatchObject({
    databaseUrl: 'postgres://running/d',
    producers: ['http://running:1'],
  })
  expect(findSystem({ options: nothing, env: {}, running: undefined })).toMatchObject({
    databaseUrl: expect.stringContaining('@127.0.0.1:5432/'),
    producers: ['http://127.0.0.1:5301', 'http://127.0.0.1:5302', 'http://127.0.0.1:5303'],
  })
})

test('system.json holds while its process lives', () => {
  const root = mkdtempSync(join(tmpdir(), 'loadtest-'))
  const write = (pid: number) =>
    writeFileSync(join(root, '.outbox', 'system.json'), JSON.stringify({ ...running, pid }))
  expect(readRunningSystem(root)).toBeUndefined()
  mkdirSync(join(root, '.outbox'))
  write(process.pid)
  expect(readRunningSystem(root)).toEqual(running)
  write(2 ** 30)
  expect(readRunningSystem(root)).toBeUndefined()
  rmSync(root, { recursive: true })
})

test('a name with several addresses is as many producers as answer, each under its own name, and once', async () => {
  await using one = await fakeProducer({ name: 'one', committed: new Map() })
  await using two = await fakeProducer({ name: 'two', committed: new Map() })
  const { port } = new URL(one.url)
  const checked = await checkProducers([one.url, two.url, `http://localhost:${port}`], 2_000)
  expect(checked.filter(({ healthy }) => healthy).map(({ name }) => name)).toEqual(['one', 'two'])
})

test('those that do not answer are told apart, with the reason', async () => {
  await using dead = await fakeProducer({ name: 'dead', committed: new Map() })
  await dead.kill()
  const [nobody, unknown] = await checkProducers([dead.url, 'http://nosuch.invalid'], 2_000)
  expect(nobody).toMatchObject({ healthy: false, reason: 'nobody listens there' })
  expect(unknown).toMatchObject({ name: 'nosuch.invalid', healthy: false, reason: expect.stringContaining('nosuch') })
})
