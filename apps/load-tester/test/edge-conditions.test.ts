import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../src/run-command.ts'
import { fakeSystem } from './fake-system.ts'

test("two runs at once don't see each other's messages", async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const sizes = [300, 500]
  const runs = await Promise.all(
    sizes.map((messages) => system.loadtest(`--messages ${messages} --batch-size 10 --keys 7`, [one])),
  )
  for (const [index, { exitCode, report, printed }] of runs.entries()) {
    expect(exitCode, printed).toBe(0)
    const group = { received: sizes[index], lost: 0, duplicated: 0, outOfOrder: 0, corrupt: 0, foreign: 0 }
    expect(report.groups).toMatchObject([
      { name: 'group-a', ...group },
      { name: 'group-b', ...group },
    ])
  }
  expect(new Set(runs.map(({ report }) => report.runId)).size).toBe(2)
})

test('two runs at once under one id: the second is refused before it sends anything', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const line = '--messages 300 --batch-size 10 --run-id same'
  const runs = await Promise.all([system.loadtest(line, [one]), system.loadtest(line, [one])])
  expect(runs.map(({ exitCode }) => exitCode).toSorted((a, b) => a - b)).toEqual([0, 2])
  expect(system.committed.size).toBe(30)
})

test('with producers 2 and 3 away the rest goes on, the report shows them, and nothing failed', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('producer-1')
  await using two = await system.producer('producer-2')
  await using three = await system.producer('producer-3')
  await Promise.all([two.kill(), three.kill()])
  const { exitCode, report, printed } = await system.loadtest('quick', [one, two, three])
  expect(exitCode).toBe(0)
  expect(report).toMatchObject({
    totals: { sent: 100, failed: 0 },
    producers: [
      { name: 'producer-1', healthy: true, sent: 100 },
      { url: two.url, healthy: false, sent: 0 },
      { url: three.url, healthy: false, sent: 0 },
    ],
    verdict: 'passed',
  })
  expect(printed).toMatch(/Producers +1 of 3\n/)
  for (const { url } of [two, three]) expect(printed).toContain(`${url}  nobody listens there`)
})

test('with producers 2 and 3 away a message that fails turns the exit code', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('producer-1', {
    behave: (_, nth) => (nth === 4 ? { status: 413, type: 'too-large' } : 'accept'),
  })
  await using two = await system.producer('producer-2')
  await using three = await system.producer('producer-3')
  await Promise.all([two.kill(), three.kill()])
  const { exitCode, report } = await system.loadtest('quick', [one, two, three])
  expect(exitCode).toBe(1)
  expect(report).toMatchObject({
    totals: { sent: 90, failed: 10, successRate: 90 },
    groups: [{ received: 90, lost: 0, foreign: 0 }, { received: 90 }],
    verdict: 'failed',
  })
  expect(report.reasons[0]).toBe('10 messages not accepted')
})

test('producers 2 and 3 die in the middle: what they had is sent again elsewhere, and the report names their errors', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('producer-1')
  const dying = { behave: (_: unknown, nth: number) => (nth < 3 ? ('accept' as const) : ('lose' as const)) }
  await using two = await system.producer('producer-2', dying)
  await using three = await system.producer('producer-3', dying)
  const { exitCode, report } = await system.loadtest('--messages 400 --batch-size 10', [one, two, three])
  expect(exitCode).toBe(0)
  expect(report.totals).toMatchObject({ sent: 400, failed: 0, unknown: 0 })
  for (const name of ['producer-2', 'producer-3']) {
    const { errors = {} } = report.producers.find((producer) => producer.name === name) ?? {}
    expect(
      Object.values(errors).reduce((sum, times) => sum + times, 0),
      name,
    ).toBeGreaterThan(0)
  }
})

test('a report that cannot be written is told before anything is sent', async () => {
  const root = mkdtempSync(join(tmpdir(), 'loadtest-'))
  let said = ''
  const stderr = {
    write(text: string) {
      said += text
    },
  }
  const quiet = { write() {} }
  for (const file of [join(root, 'missing', 'report.json'), root]) {
    said = ''
    const paint = (_: string, text: string) => text
    const tester = { root, env: {}, stdout: quiet, stderr, paint, progressPaint: paint }
    const exitCode = await runCommand(['quick', '--json', file], { ...tester, signal: new AbortController().signal })
    expect(exitCode).toBe(2)
    expect(said).toContain(`--json ${file}: the report can't be written there`)
  }
  await rm(root, { recursive: true })
})
