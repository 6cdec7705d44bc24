import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningSystem } from '@outbox/service/running-system'
import { expect, test } from 'vitest'
import { containerUsage } from '../../src/watch/usage/container-usage.ts'
import { findUsage } from '../../src/watch/usage/find-usage.ts'
import { processUsage } from '../../src/watch/usage/process-usage.ts'
import { startUsageMeter } from '../../src/watch/usage/usage-meter.ts'
import type { UsageReading } from '../../src/watch/usage/usage-reader.ts'

const onLinux = test.runIf(process.platform === 'linux')
const system: RunningSystem = { pid: process.pid, databaseUrl: '', kafkaBrokers: '', apps: [] }

onLinux('a process is read by its number, and found again under its next one', async () => {
  await using first = await busyProcess()
  const runningAs = (pid: number) => ({ ...system, apps: [{ name: 'relay-1', url: '', pid }] })
  let now = runningAs(first.pid)
  const read = processUsage(() => now)
  const [before] = await read()
  expect(before).toMatchObject({ name: 'relay-1', part: 'relay', incarnation: String(first.pid) })
  expect(before?.memoryBytes).toBeGreaterThan(1e6)
  await expect.poll(async () => (await read())[0]?.cpuMs).toBeGreaterThan(before?.cpuMs ?? 0)

  await using second = await busyProcess()
  now = runningAs(second.pid)
  await first.kill()
  expect(await read()).toEqual([])
  expect(await read()).toMatchObject([{ name: 'relay-1', incarnation: String(second.pid) }])
})

test('what is used counts from the start, and goes on where something is started again', async () => {
  const reading = (incarnation: string, cpuMs: number, memoryBytes: number): UsageReading[] => [
    { name: 'relay-1', part: 'relay', incarnation, cpuMs, memoryBytes },
  ]
  const readings = [
    reading('1', 5_000, 10),
    reading('1', 5_400, 30),
    [],
    reading('2', 100, 20),
    // Of a child that has just ended nobody has counted anything yet.
    reading('2', 90, 20),
  ]
  let ms = 0
  const meter = await startUsageMeter(
    { read: async () => readings.shift() ?? [], missing: undefined, close: async () => {} },
    () => (ms += 1_000),
  )
  const sample = async () => (await meter.sample()).map(({ cpuMs, cpuShare }) => [cpuMs, cpuShare])
  expect(await sample()).toEqual([[400, 0.4]])
  expect(await sample()).toEqual([])
  expect(await sample()).toEqual([[500, 0.1]])
  expect(await sample()).toEqual([[500, 0]])
  expect(meter.report(1_000)).toEqual([
    { name: 'relay-1', part: 'relay', cpuMs: 500, cpuUsPerMessage: 500, peakMemoryBytes: 30 },
  ])
})

test('containers are read from the engine, those of the system alone, and a new start of one is noticed', async () => {
  await using engine = await fakeEngine()
  const usage = await containerUsage(engine.socketPath)
  expect(await usage?.read()).toEqual([
    { name: 'producer-2', part: 'producer', incarnation: 'p/0', cpuMs: 1_500, memoryBytes: 600 },
    { name: 'postgres', part: 'postgres', incarnation: 'd/0', cpuMs: 9_000, memoryBytes: 600 },
  ])
  engine.cpuMs.set('p', 20)
  expect((await usage?.read())?.map(({ incarnation, cpuMs }) => [incarnation, cpuMs])).toEqual([
    ['p/1', 20],
    ['d/0', 9_000],
  ])
  await usage?.close()
  expect(engine.asked[0]).toContain(encodeURIComponent('com.docker.compose.project=outbox'))
})

test('where nothing can be read that is said, and the tester still knows itself', async () => {
  const dockerHost = 'unix:///nowhere/docker.sock'
  const nowhere = await findUsage({ running: () => undefined, dockerHost, platform: 'linux' })
  expect(nowhere.missing).toMatch(/^What the system used is not known: it runs neither under npm start/)
  expect((await nowhere.read()).map(({ name }) => name)).toEqual(['load-tester'])
  const elsewhere = await findUsage({ running: () => system, dockerHost, platform: 'darwin' })
  expect(elsewhere.missing).toBe('What the system used is not known: its processes can be read on Linux only.')
  const given = await findUsage({ running: () => system, dockerHost, platform: 'linux' })
  expect(given.missing).toContain('PostgreSQL and Kafka')
})

async function busyProcess() {
  const source = "console.log('up'); setInterval(() => { for (let n = 0; n < 1e6; n += 1); }, 5)"
  const child = spawn(process.execPath, ['-e', source])
  await once(child.stdout, 'data')
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return { pid: child.pid ?? 0, kill, [Symbol.asyncDispose]: kill }
}

async function fakeEngine() {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'))
  const socketPath = join(folder, 'docker.sock')
  const cpuMs = new Map([
    ['p', 1_500],
    ['d', 9_000],
  ])
  const asked: string[] = []
  const container = (Id: string, service: string, number: string) => ({
    Id,
    Labels: { 'com.docker.compose.service': service, 'com.docker.compose.container-number': number },
  })
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    const id = /^\/containers\/(\w)\/stats\?stream=false&one-shot=true$/.exec(url)?.[1]
    const listed = [container('p', 'producer', '2'), container('d', 'postgres', '1'), container('g', 'grafana', '1')]
    const stats = {
      cpu_stats: { cpu_usage: { total_usage: (cpuMs.get(id ?? '') ?? 0) * 1e6 } },
      memory_stats: { usage: 1_000, stats: { inactive_file: 400 } },
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(id === undefined ? listed : stats))
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    socketPath,
    cpuMs,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true })
    },
  }
}
