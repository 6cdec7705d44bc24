import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { planRun } from '../src/plan/run-plan.ts'
import { openPace } from '../src/send/open-pace.ts'
import { type Start, sendRun } from '../src/send/send-run.ts'

beforeEach(() => vi.useFakeTimers({ now: 0 }))
afterEach(() => vi.useRealTimers())

/** Two workers, a batch each 100 ms; `takesMs`: how long the answer to a batch takes. */
function run(takesMs: (batch: number) => number, signal = new AbortController().signal) {
  const plan = planRun({ messages: 8, batchSize: 1, concurrency: 2, keys: 2 })
  const startMs = performance.now()
  const begun: (Start & { batch: number; atMs: number })[] = []
  const pace = openPace(
    { startMs, batches: plan.batches, workers: plan.workers, dueMs: (batch) => batch * 100 },
    signal,
  )
  const sent = sendRun(plan, {
    pace,
    async settle(batch, start) {
      begun.push({ batch, ...start, sinceMs: start.sinceMs - startMs, atMs: performance.now() - startMs })
      await new Promise((resolve) => setTimeout(resolve, takesMs(batch)))
      return { batch, outcome: 'sent', producer: 'a', latencyMs: 1, settledAtMs: 0, errors: [] }
    },
    onSettled: () => {},
  })
  return { begun, sent }
}

test('batches begin when they are due, whatever the answers take', async () => {
  const { begun, sent } = run((batch) => (batch % 2) * 150)
  await vi.runAllTimersAsync()
  await sent
  expect(begun.map(({ batch, sinceMs, atMs }) => [batch, sinceMs, atMs])).toEqual(
    Array.from({ length: 8 }, (_, batch) => [batch, batch * 100, batch * 100]),
  )
  expect(begun.every(({ lateMs }) => lateMs === undefined)).toBe(true)
})

test('a batch whose worker is busy begins late, is counted so, and its latency counts from its due time', async () => {
  const { begun, sent } = run((batch) => (batch === 2 ? 450 : 10))
  await vi.runAllTimersAsync()
  await sent
  const late = begun.filter(({ lateMs }) => lateMs !== undefined)
  // Batch 2 is answered at 650: 4 and 6 are of the same worker, and were due at 400 and 600.
  expect(late).toEqual([
    { batch: 4, sinceMs: 400, lateMs: 250, atMs: 650 },
    { batch: 6, sinceMs: 600, lateMs: 60, atMs: 660 },
  ])
  const others = begun.filter(({ batch }) => batch % 2 === 1)
  expect(others.map(({ atMs }) => atMs)).toEqual([100, 300, 500, 700])
})

test('after an interrupt no batch begins', async () => {
  const interrupt = new AbortController()
  const { begun, sent } = run(() => 10, interrupt.signal)
  await vi.advanceTimersByTimeAsync(250)
  interrupt.abort()
  await vi.runAllTimersAsync()
  await sent
  expect(begun.map(({ batch }) => batch)).toEqual([0, 1, 2])
})
