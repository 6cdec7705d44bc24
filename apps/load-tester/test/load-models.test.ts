import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SettledBatch } from '../src/send/settled-batch.ts'
import { fakeSystem } from './fake-system.ts'

test('a run on a timetable says so, and is audited as any other', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const { exitCode, report, printed } = await system.loadtest('--stages 1s:100,1s:100-300 --batch-size 10', [one])
  expect(printed).toContain('Timetable        100 messages/s for 1.0 s, 100 to 300 messages/s for 1.0 s')
  expect(report).toMatchObject({
    options: { messages: 300, concurrency: 30 },
    totals: { messages: 300, sent: 300 },
    groups: [{ received: 300, outOfOrder: 0, foreign: 0 }, { received: 300 }],
    load: { model: 'open', warmUpMs: 0, missedStarts: 0 },
  })
  expect(report.totals.durationMs).toBeGreaterThanOrEqual(1_900)
  expect(exitCode).toBe(0)
})

test('a producer that is slower than the timetable has missed starts, and latencies that grow with the delay', async () => {
  await using system = await fakeSystem()
  const answersLate = () => new Promise((resolve) => setTimeout(resolve, 100))
  await using one = await system.producer('one', { onCommit: (batch) => answersLate().then(() => system.apply(batch)) })
  const line = '--rate 100 --duration 1 --batch-size 5 --concurrency 1'
  const { report, printed } = await system.loadtest(line, [one])
  // 20 batches, one each 50 ms, take 2 s: the last one is answered a second after it was due.
  expect(report.load).toMatchObject({ model: 'open', missedStarts: 19 })
  expect(report.load.latestStartMs).toBeGreaterThan(900)
  expect(report.latencyMs.accept.max).toBeGreaterThan(1_000)
  expect(report.latencyMs.endToEnd.max).toBeGreaterThan(1_000)
  expect(printed).toMatch(/Missed Starts {7}19 batches, the latest \d/)
})

test('a closed loop goes on for as long as said, and its messages are those that were sent', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const { exitCode, report } = await system.loadtest('--duration 1 --concurrency 2 --run-id timed', [one])
  const { sent, messages } = report.totals
  expect(sent).toBe(system.committed.size * 10)
  expect(messages).toBe(sent)
  expect(report.options.messages).toBeUndefined()
  expect(report.groups).toMatchObject([{ received: sent, foreign: 0 }, { received: sent }])
  expect(report.load).toEqual({ model: 'closed', warmUpMs: 0, missedStarts: 0, latestStartMs: 0 })
  expect(exitCode).toBe(0)

  const again = await system.loadtest('audit timed')
  expect(again).toMatchObject({ exitCode: 0, report: { verdict: 'passed', totals: { messages: sent, sent } } })
})

test('a closed loop that was killed is audited as far as it came', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  await system.loadtest('--duration 1 --concurrency 2 --run-id cut', [one])
  const file = join(system.root, '.loadtest', 'cut', 'outcomes.jsonl')
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const firstFour = lines.filter((line) => /^\{"batch":[0-3],/.test(line))
  await writeFile(file, `${firstFour.join('\n')}\n`)
  const { exitCode, report } = await system.loadtest('audit cut')
  expect(report).toMatchObject({ totals: { messages: 60, sent: 40, unknown: 20 }, groups: [{ received: 60 }, {}] })
  expect(report.groups[0]?.foreign).toBe(system.committed.size * 10 - 60)
  expect(exitCode).toBe(1)
})

test('what is sent while warming up is audited, but is no part of latencies and throughput', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const line = '--rate 100 --duration 2 --batch-size 10 --warm-up 1 --run-id warm'
  const { report } = await system.loadtest(line, [one])
  const settled = await outcomesOf(system.root, 'warm')
  const measuredFromMs = Date.parse(report.startedAt) + 1_000
  const measured = settled.filter(({ settledAtMs, latencyMs }) => settledAtMs - latencyMs >= measuredFromMs)
  const slowestMs = Math.max(...measured.map(({ latencyMs }) => latencyMs))
  expect(settled).toHaveLength(20)
  expect(measured.length).toBeGreaterThan(0)
  expect(measured.length).toBeLessThanOrEqual(10)
  expect(report.totals.sent).toBe(200)
  expect(report.groups).toMatchObject([{ received: 200, lost: 0 }, { received: 200 }])
  expect(report.load).toMatchObject({ warmUpMs: 1_000 })
  expect(report.batches.count).toBe(measured.length)
  expect(report.latencyMs.accept.max).toBeCloseTo(slowestMs, 1)
  expect(report.totals.throughputPerSecond).toBe(
    Math.round((measured.length * 10) / ((report.totals.durationMs - 1_000) / 1_000)),
  )

  const again = await system.loadtest('audit warm')
  expect(again.report.latencyMs).toEqual(report.latencyMs)
  expect(again.report.batches).toEqual(report.batches)
})

async function outcomesOf(root: string, runId: string): Promise<SettledBatch[]> {
  const text = await readFile(join(root, '.loadtest', runId, 'outcomes.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => 'batch' in line)
}

test('payloads from a file and skewed keys arrive as they were sent', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const file = join(system.root, 'payloads.ndjson')
  await writeFile(file, '{"name":"Ωmega 😀"}\n["two"]\n3\n')
  const line = `--messages 400 --batch-size 10 --keys 20 --key-skew 1.2 --payloads ${file}`
  const { exitCode, report, printed } = await system.loadtest(line, [one])
  expect(exitCode, printed).toBe(0)
  expect(report.groups).toMatchObject([{ received: 400, corrupt: 0, outOfOrder: 0 }, { received: 400 }])
  expect(printed).toContain('2 requests at once instead of 5: with a key skew of 1.2 the most frequent key has')
  expect(printed).toContain('Keys             20, skewed by 1.2')
  const sent = [...system.committed.values()].flatMap(({ messages }) => messages)
  expect(new Set(sent.map(({ payload }) => JSON.stringify(payload)))).toEqual(
    new Set(['{"name":"Ωmega 😀"}', '["two"]', '3']),
  )
  const ofFirst = sent.filter(({ key }) => key === 'key-0').length
  expect(ofFirst).toBeGreaterThan(400 / 3)
})
