import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadtest } from '../fake-system.ts'
import { type SystemUnderLoad, systemUnderLoad } from './system-under-load.ts'

let system: SystemUnderLoad

beforeAll(async () => {
  system = await systemUnderLoad()
}, 180_000)

afterAll(() => system?.[Symbol.asyncDispose](), 60_000)

const longEnough = 240_000

test('faults come in their time, are undone, and stand in the report; the audit passes all the same', {
  timeout: longEnough,
}, async () => {
  const before = new Map(await pids())
  const faults = [
    'kill:relay@1s',
    'pause:consumer-2@1s+2s',
    'stop:producer-2@2s+1s',
    'kill:kafka@4s',
    'pause:postgres@9s+1s',
  ]
  const { exitCode, report, printed, progress } = await run(
    `--messages 40000 --batch-size 5 --concurrency 4 --progress json ${faults.map((fault) => `--fault ${fault}`).join(' ')}`,
  )
  expect(exitCode, printed).toBe(0)
  expect(report.faults.map(({ fault, problem }) => [fault, problem])).toEqual(faults.map((fault) => [fault, undefined]))
  for (const [index, atMs] of [1_000, 1_000, 2_000, 4_000, 9_000].entries()) {
    expect(report.faults[index]?.atMs).toBeGreaterThanOrEqual(atMs - 1)
    expect(report.faults[index]?.endedAtMs).toBeGreaterThan(atMs)
  }
  expect(printed).toMatch(/Faults\n +from +to\n {2}kill:relay@1s +1\.\d s/)
  expect(progress).toContain('"kill:relay@1s: relay-1 now')

  const after = new Map(await pids())
  for (const name of ['relay-1', 'producer-2', 'kafka']) expect(after.get(name), name).not.toBe(before.get(name))
  for (const name of ['consumer-2', 'producer-1', 'postgres']) expect(after.get(name), name).toBe(before.get(name))
})

test('what the parts used is in the report, of a relay that was killed as well', { timeout: longEnough }, async () => {
  const { report, printed } = await run('--messages 20000 --batch-size 100 --fault kill:relay@500ms')
  expect(report.verdict, printed).toBe('passed')
  const used = new Map(report.resources.map((resource) => [resource.name, resource]))
  const names = ['producer-1', 'producer-2', 'relay-1', 'consumer-1', 'consumer-2', 'postgres', 'kafka', 'load-tester']
  expect([...used.keys()].sort()).toEqual(names.sort())
  for (const [name, { cpuMs, cpuUsPerMessage, peakMemoryBytes }] of used) {
    expect(cpuMs, name).toBeGreaterThan(0)
    expect(cpuUsPerMessage, name).toBeCloseTo((cpuMs * 1_000) / 20_000, -1)
    expect(peakMemoryBytes, name).toBeGreaterThan(1e7)
  }
  expect(report.resourcesMissing).toBeUndefined()
})

test('a fault whose time never comes is told', { timeout: longEnough }, async () => {
  const { exitCode, report, printed } = await run('quick --fault kill:relay@10m')
  expect(exitCode).toBe(0)
  expect(report.faults).toMatchObject([{ fault: 'kill:relay@10m', problem: 'the run was over before' }])
  expect(printed).toContain('kill:relay@10m: the run was over before')
})

test('a part that the system does not have is refused before anything is sent', async () => {
  const { exitCode, progress } = await run('quick --fault kill:relay-7@1s')
  expect(exitCode).toBe(2)
  expect(progress).toContain('--fault kill:relay-7@1s: the system has no relay-7. It has: producer-1, producer-2,')
})

function run(line: string) {
  const { root, producers, postgres } = system
  const { signal } = new AbortController()
  return loadtest(line, { root, databaseUrl: postgres.url, producers: producers.join(), signal })
}

async function pids(): Promise<[string, number][]> {
  const apps = ['producer-1', 'producer-2', 'relay-1', 'consumer-1', 'consumer-2']
  const found = await Promise.all(apps.map(async (name): Promise<[string, number]> => [name, await system.pidOf(name)]))
  return [...found, ['postgres', system.postgres.pid], ['kafka', system.kafka.pid]]
}
