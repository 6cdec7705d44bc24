import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { isAlive } from '../src/end-process.ts'
import { freePort } from '../src/free-port.ts'
import type { App } from '../src/run-apps.ts'
import { type SystemOptions, startSystem } from '../src/start-system.ts'
import type { SystemFile } from '../src/system-file.ts'
import { temporaryFolder } from './temporary-folder.ts'
import '../src/test-services.ts'

const STAND_IN = fileURLToPath(import.meta.resolve('./programs/stand-in-app.ts'))

test('apps get the given services and their own settings, and are ready when the system is', async () => {
  await using folder = await temporaryFolder()
  const apps = [await app('producer-1'), await app('consumer-1', { CONSUMER_GROUP: 'group-a' })]
  const told: string[] = []
  await using system = await startSystem(options(folder.path, apps, (line) => told.push(line)))
  const answers = await Promise.all(system.apps.map(async ({ url }) => (await fetch(url)).json()))
  const services = { DATABASE_URL: inject('databaseUrl'), KAFKA_BROKERS: inject('kafkaBrokers') }
  expect(answers).toEqual([
    { instance: 'producer-1', ...services },
    { instance: 'consumer-1', ...services, CONSUMER_GROUP: 'group-a' },
  ])
  expect(told.join('\n')).toMatch(/PostgreSQL as given.*\n.*Kafka as given.*\n.*2 apps ready/)
})

test('the system file names the apps, also after one was killed, and is gone with the system', async () => {
  await using folder = await temporaryFolder()
  const system = await startSystem(options(folder.path, [await app('relay-1')]))
  const read = async (): Promise<SystemFile> => JSON.parse(await readFile(join(folder.path, 'system.json'), 'utf8'))
  const [relay] = (await read()).apps
  expect(relay).toMatchObject({ name: 'relay-1', url: `http://127.0.0.1:${relay?.port}` })
  expect(await readFile(relay?.logFile ?? '', 'utf8')).toBe('relay-1 listens\n')

  process.kill(relay?.pid ?? 0, 'SIGKILL')
  await expect.poll(async () => (await read()).apps[0]?.pid).not.toBe(relay?.pid)
  const { apps, pid } = await read()
  expect(pid).toBe(process.pid)
  await system[Symbol.asyncDispose]()
  await expect(read()).rejects.toThrow('ENOENT')
  expect(isAlive(apps[0]?.pid ?? 0)).toBe(false)
})

test('taken ports are all named, with the remedy, before anything is started', async () => {
  await using folder = await temporaryFolder()
  const apps = [await app('producer-1'), await app('producer-2'), await app('relay-1')]
  await using _first = await listen(apps[0]?.port ?? 0)
  await using _last = await listen(apps[2]?.port ?? 0)
  const told: string[] = []
  await expect(startSystem(options(folder.path, apps, (line) => told.push(line)))).rejects.toMatchObject({
    code: 'OUTBOX_PORT_TAKEN',
    message: `ports ${apps[0]?.port} (producer-1), ${apps[2]?.port} (relay-1) are taken: stop what listens there, perhaps another npm start or docker compose, and try again`,
  })
  expect(told).toEqual([])
})

test('an app that is set up wrongly ends the start, with its last line', async () => {
  await using folder = await temporaryFolder()
  const wrong = { ...(await app('relay-1')), program: fileURLToPath(import.meta.resolve('./programs/wrong-app.ts')) }
  await expect(startSystem(options(folder.path, [await app('producer-1'), wrong]))).rejects.toMatchObject({
    code: 'OUTBOX_APP_FAILED',
    message: expect.stringMatching(/^relay-1 does not run; the end of .*relay-1\.log:\nrelay: PORT is wrong$/),
  })
})

async function app(name: string, settings: Record<string, string> = {}): Promise<App> {
  return { name, port: await freePort(), program: STAND_IN, settings }
}

function options(folder: string, apps: readonly App[], report: (line: string) => void = () => {}): SystemOptions {
  const given = { databaseUrl: inject('databaseUrl'), kafkaBrokers: inject('kafkaBrokers') }
  return { folder, apps, given, report, file: join(folder, 'system.json'), env: { PATH: process.env.PATH } }
}

async function listen(port: number): Promise<AsyncDisposable> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}
