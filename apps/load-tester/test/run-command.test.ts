import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { registerGroup } from '@outbox/inbox/register-group'
import { expect, test } from 'vitest'
import type { ReceivedBatch } from './fake-producer.ts'
import { fakeSystem, interruptAt } from './fake-system.ts'

test('a run that took effect once in every group passes', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('producer-1')
  await using two = await system.producer('producer-2')
  const { exitCode, report, printed } = await system.loadtest(`quick --run-id run-1 --html ${system.root}/page.html`, [
    one,
    two,
  ])
  expect(printed).toContain('PASSED')
  expect(exitCode).toBe(0)
  const clean = { received: 100, lost: 0, duplicated: 0, outOfOrder: 0, corrupt: 0, foreign: 0, replayed: 0 }
  expect(report).toMatchObject({
    runId: 'run-1',
    scenario: 'quick',
    options: { messages: 100, batchSize: 10 },
    totals: { messages: 100, sent: 100, failed: 0, unknown: 0, successRate: 100 },
    batches: { count: 10 },
    producers: [
      { name: 'producer-1', url: one.url, healthy: true, sent: 50, errors: {} },
      { name: 'producer-2', url: two.url, healthy: true, sent: 50, errors: {} },
    ],
    groups: [
      { name: 'group-a', ...clean },
      { name: 'group-b', ...clean },
    ],
    thresholds: [],
    verdict: 'passed',
    reasons: [],
  })
  expect(report.clocks).toMatchObject([{ name: 'postgres' }])
  // Here both clocks are the same one.
  for (const { offsetMs, uncertaintyMs } of report.clocks) expect(Math.abs(offsetMs)).toBeLessThanOrEqual(uncertaintyMs)
  expect(report.curves.accept.at(-1)).toEqual({ percentile: 100, ms: report.latencyMs.accept.max })
  expect(Object.keys(report.curves.endToEnd)).toEqual(['group-a', 'group-b'])
  expect(report.latencyMs.accept.p99).toBeGreaterThan(0)
  expect(report.latencyMs.endToEnd.p99).toBeGreaterThan(0)

  const page = await readFile(join(system.root, 'page.html'), 'utf8')
  expect(page).toContain('<title>PASSED: load test quick, run run-1</title>')
  expect(page).toContain('<td>100</td>')

  const again = await system.loadtest('quick --run-id run-1', [one])
  expect(again).toMatchObject({ exitCode: 2, progress: expect.stringContaining('--run-id run-1: there was a run') })
})

test('a threshold that is missed is exit code 3, also of an audit; the audit passed', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const missed = await system.loadtest('quick --run-id slow --threshold lost==0 --threshold throughput<0.5', [one])
  const throughput = missed.report.totals.throughputPerSecond
  expect(missed).toMatchObject({
    exitCode: 3,
    report: {
      verdict: 'threshold-missed',
      thresholds: [
        { expression: 'lost==0', value: 0, passed: true },
        { expression: 'throughput<0.5', value: throughput, passed: false },
      ],
      reasons: [`throughput<0.5 is missed: it is ${throughput}`],
    },
  })
  expect(missed.printed).toMatch(new RegExp(`✘ throughput<0\\.5 +${throughput}\n`))
  expect(missed.printed).toContain('in the order of their keys.\n  throughput<0.5 is missed')

  expect(await system.loadtest('audit slow --threshold throughput>0.5')).toMatchObject({ exitCode: 0 })
  expect(await system.loadtest('audit slow --threshold group-b.lost!=0')).toMatchObject({ exitCode: 3 })
})

test('lost answers and a producer that dies leave nothing failed or unknown, and nothing takes effect twice', async () => {
  await using system = await fakeSystem()
  await using dying = await system.producer('dying', {
    behave: (_, nth) => {
      if (nth === 3) void dying.kill()
      return nth === 2 ? 'lose' : 'accept'
    },
  })
  await using other = await system.producer('other', {
    behave: (_, nth) => (nth % 4 === 0 ? { status: 503, retryAfterSeconds: 0.01 } : 'accept'),
  })
  const { exitCode, report } = await system.loadtest('--messages 400 --batch-size 10 --concurrency 4', [dying, other])
  expect(report).toMatchObject({
    totals: { sent: 400, failed: 0, unknown: 0 },
    groups: [
      { received: 400, duplicated: 0, outOfOrder: 0 },
      { received: 400, duplicated: 0, outOfOrder: 0 },
    ],
  })
  expect(exitCode).toBe(0)
  expect(system.committed.size).toBe(40)
})

test('a group that is registered but down has lost everything', async () => {
  await using system = await fakeSystem()
  await registerGroup(system.pool, 'down')
  await using one = await system.producer('one')
  const { exitCode, report, printed } = await system.loadtest('quick --audit-timeout 1', [one])
  expect(exitCode).toBe(1)
  expect(report.verdict).toBe('failed')
  expect(report.reasons).toEqual(['down: 100 messages lost (sequence 0, 1, 2, 3, 4, …)'])
  expect(report.groups[0]).toMatchObject({ name: 'down', received: 0, lost: 100 })
  expect(printed).toContain('FAILED\n  down: 100 messages lost')
})

test('a duplicate does not hide a loss', async () => {
  await using system = await fakeSystem()
  const batches: ReceivedBatch[] = []
  await using one = await system.producer('one', {
    onCommit: async (batch) => {
      batches.push(batch)
      if (batches.length > 1) await system.apply(batch)
      if (batches.length === 2) await system.apply(batch)
    },
  })
  const { exitCode, report } = await system.loadtest('quick --concurrency 1 --audit-timeout 1', [one])
  expect(exitCode).toBe(1)
  expect(report.groups).toMatchObject([
    { name: 'group-a', received: 90, lost: 10, duplicated: 10 },
    { name: 'group-b', received: 90, lost: 10, duplicated: 10 },
  ])
})

test('what comes late is waited for, also where duplicates make up the number', async () => {
  await using system = await fakeSystem()
  const batches: ReceivedBatch[] = []
  await using one = await system.producer('one', {
    onCommit: async (batch) => {
      batches.push(batch)
      if (batches.length > 1) await system.apply(batch)
      if (batches.length === 2) await system.apply(batch)
    },
  })
  const running = system.loadtest('quick --concurrency 1 --audit-timeout 20', [one])
  await expect.poll(() => batches.length, { timeout: 20_000 }).toBe(10)
  const [first] = batches
  if (first !== undefined) await system.apply(first)
  const { report } = await running
  expect(report.groups).toMatchObject([
    { received: 100, lost: 0, duplicated: 10 },
    { received: 100, lost: 0, duplicated: 10 },
  ])
})

test('a replay while the run goes on neither fails it nor ends the waiting for what comes late', async () => {
  await using system = await fakeSystem()
  const batches: ReceivedBatch[] = []
  await using one = await system.producer('one', {
    onCommit: async (batch) => {
      batches.push(batch)
      if (batches.length > 2) await system.apply(batch)
    },
  })
  const running = system.loadtest('quick --concurrency 1 --audit-timeout 20', [one])
  await expect.poll(() => batches.length, { timeout: 20_000 }).toBe(10)
  const [late, refused, ...delivered] = batches
  if (late === undefined || refused === undefined) throw new Error('ten batches were sent')
  for (const batch of delivered) await system.apply(batch, { replayed: true })
  await system.apply(refused, { replayed: true })
  await system.apply(late)
  const { exitCode, report, printed } = await running
  expect(exitCode, printed).toBe(0)
  const group = { received: 100, lost: 0, duplicated: 0, outOfOrder: 0, replayed: 90 }
  expect(report.groups).toMatchObject([group, group])
})

test('refused messages failed, and the reason is told', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one', { behave: () => ({ status: 413, type: 'too-large' }) })
  const { exitCode, report } = await system.loadtest('quick', [one])
  expect(exitCode).toBe(1)
  expect(report).toMatchObject({
    totals: { sent: 0, failed: 100, successRate: 0 },
    producers: [{ errors: { '413': 10 } }],
    reasons: ['100 messages not accepted', '413, 10 times: as the test wants it'],
  })
})

test('an interrupt prints the report of what was sent; the run can be audited again', async () => {
  await using system = await fakeSystem()
  const { behave, signal } = interruptAt(3)
  await using one = await system.producer('one', { behave })
  const cut = await system.loadtest('quick --concurrency 1 --run-id cut', [one], signal)
  expect(cut).toMatchObject({
    exitCode: 130,
    report: {
      verdict: 'interrupted',
      totals: { messages: 100, sent: 30, failed: 0, unknown: 0 },
      groups: [{ received: 30, lost: 0 }, { received: 30 }],
    },
  })
  const again = await system.loadtest('audit cut')
  expect(again).toMatchObject({ exitCode: 0, report: { verdict: 'passed', totals: { sent: 30, unknown: 0 } } })
})

test('of a run whose tester was killed, what was under way is unknown, and what was not begun is foreign', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  await system.loadtest('quick --concurrency 2 --run-id killed', [one])
  const file = join(system.root, '.loadtest', 'killed', 'outcomes.jsonl')
  const lines = (await readFile(file, 'utf8')).split('\n')
  await writeFile(file, `${lines.filter((line) => /^\{"batch":[0-5],/.test(line)).join('\n')}\n`)
  await appendFile(file, '{"batch":6,"outcome":"se')

  const { exitCode, report, printed } = await system.loadtest('audit killed')
  expect(exitCode).toBe(1)
  expect(report).toMatchObject({
    totals: { messages: 100, sent: 60, unknown: 20 },
    groups: [{ received: 80, lost: 0, foreign: 20 }, { received: 80 }],
  })
  expect(printed).toContain('The tester was killed; 2 batches may have been under way.')
})

test('two runs at once do not disturb each other; with few keys the concurrency is lowered, and that is said', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const line = '--messages 300 --batch-size 10 --keys 2'
  const runs = await Promise.all([system.loadtest(line, [one]), system.loadtest(line, [one])])
  for (const { exitCode, printed } of runs) {
    expect(exitCode).toBe(0)
    expect(printed).toContain("2 requests at once instead of 5: there are 2 keys, and a key's batches must follow each")
  }
})

test('a database without a ledger is told before anything is sent', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  await system.pool.query('drop schema inbox cascade')
  const { exitCode, progress } = await system.loadtest('quick', [one])
  expect(exitCode).toBe(4)
  expect(progress).toContain('the database holds no ledger: no consumer was ever started on it')
  expect(one.received).toHaveLength(0)
})
