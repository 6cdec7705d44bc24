import { expect, test, vi } from 'vitest'
import { type EffectWait, waitForEffects } from '../src/audit/wait-for-effects.ts'

const counts = (count: number) => new Map([['a', count]])

function waitWith(read: EffectWait['read'], change: Partial<EffectWait> = {}) {
  const { signal } = new AbortController()
  const enough = (now: ReadonlyMap<string, number>) => (now.get('a') ?? 0) >= 3
  return waitForEffects({ read, enough, onCounts: () => {}, pollMs: 1, timeoutMs: 200, signal, ...change })
}

test('it ends when there are enough', async () => {
  let count = 0
  expect(await waitWith(async () => counts(count++))).toBe('enough')
})

test('it ends when nothing moves in any group for as long as said', async () => {
  const startedMs = performance.now()
  expect(await waitWith(async () => counts(2))).toBe('timeout')
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(200)
})

test('whatever moves in any group puts the end off', async () => {
  let polls = 0
  const read = async () => {
    polls += 1
    return new Map([...counts(1), ['b', polls]])
  }
  const enough = () => polls > 40
  expect(await waitWith(read, { enough, pollMs: 10, timeoutMs: 100 })).toBe('enough')
})

test('a database that is away for a moment is waited for', async () => {
  const read = vi.fn<EffectWait['read']>().mockRejectedValueOnce(new Error('away')).mockResolvedValue(counts(3))
  expect(await waitWith(read)).toBe('enough')
})

test('it ends at once when it is aborted', async () => {
  const stop = new AbortController()
  const waiting = waitWith(async () => counts(1), { signal: stop.signal, timeoutMs: 60_000, pollMs: 60_000 })
  stop.abort()
  expect(await waiting).toBe('aborted')
})
