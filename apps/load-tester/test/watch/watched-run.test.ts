import { expect, test } from 'vitest'
import type { RunSample } from '../../src/watch/run-sample.ts'
import { fakeSystem, interruptAt } from '../fake-system.ts'

type Line = { type: 'note'; text: string } | ({ type: 'sample' } & RunSample)

test('as JSON each moment is a line, from the start to the last effect, and the report has the same', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('producer-1')
  const { exitCode, report, progress, printed } = await system.loadtest('quick --progress json', [one])
  expect(exitCode).toBe(0)
  const lines: Line[] = progress
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const samples = lines.flatMap((line) => (line.type === 'sample' ? [line] : []))
  expect(samples.length).toBe(lines.length)
  expect(samples[0]).toMatchObject({ phase: 'sending', messages: 100, applied: { 'group-a': 0, 'group-b': 0 } })
  expect(samples.at(-1)).toMatchObject({
    phase: 'auditing',
    sent: 100,
    applied: { 'group-a': 100, 'group-b': 100 },
    producers: [{ name: 'producer-1', circuit: 'closed', sent: 100, errors: 0 }],
  })
  expect(report.timeline.map(({ atMs, sent }) => [atMs, sent])).toEqual(samples.map(({ atMs, sent }) => [atMs, sent]))
  expect(report.resources).toMatchObject([{ name: 'load-tester', part: 'load-tester' }])
  expect(report.resources[0]?.cpuMs).toBeGreaterThan(0)
  expect(report.resourcesMissing).toMatch(/^What the system used is not known/)
  expect(report.tester).toMatchObject({ isTheLimit: false, cpuShare: expect.any(Number) })
  expect(printed).toContain('Resources\n')

  const again = await system.loadtest(`audit ${report.runId}`)
  expect(again.report).toMatchObject({ verdict: 'passed', timeline: [], resources: [] })
  expect(again.printed).not.toContain('Resources\n')
})

test('latencies of a sample are those since the one before', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('producer-1')
  const { progress } = await system.loadtest('--messages 100 --batch-size 10 --concurrency 1 --progress json', [one])
  const samples: RunSample[] = progress
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const [first, last] = [samples[0], samples.at(-1)]
  expect(first?.latencyMs.accept.max).toBe(0)
  expect(last?.latencyMs.accept.max).toBeGreaterThan(0)
})

test('with none nothing is shown but what is asked for by --verbose', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one', {
    behave: (_, nth) => (nth === 1 ? { status: 503, retryAfterSeconds: 0.01 } : 'accept'),
  })
  expect((await system.loadtest('quick --progress none', [one])).progress).toBe('')
  await using other = await system.producer('other', {
    behave: (_, nth) => (nth === 1 ? { status: 503, retryAfterSeconds: 0.01 } : 'accept'),
  })
  const { progress } = await system.loadtest('quick --progress none --verbose', [other])
  expect(progress).toMatch(/^batch \d+: other 503/)
})

test('a panel needs a terminal, and the kinds are named', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const panel = await system.loadtest('quick --progress panel', [one])
  expect(panel).toMatchObject({ exitCode: 2, progress: expect.stringContaining('standard error is not a terminal') })
  const wrong = await system.loadtest('quick --progress bar', [one])
  expect(wrong.exitCode).toBe(2)
  expect(wrong.progress).toContain('--progress bar: give one of auto, panel, lines, json, none.')
  expect(one.received).toHaveLength(0)
})

test('an interrupt is said where the progress is shown', async () => {
  await using system = await fakeSystem()
  const { behave, signal } = interruptAt(3)
  await using one = await system.producer('one', { behave })
  const cut = await system.loadtest('quick --concurrency 1 --progress json', [one], signal)
  expect(cut.exitCode).toBe(130)
  const lines: Line[] = cut.progress
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual({
    type: 'note',
    text: 'interrupted: what is in hand is finished and reported; again stops at once',
  })
})
