import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunSample } from '../../src/watch/run-sample.ts'
import { createTimeline } from '../../src/watch/timeline.ts'
import { someSample } from './some-sample.ts'

const step = fc.record({
  ms: fc.integer({ min: 1, max: 3_000 }),
  sent: fc.integer({ min: 0, max: 50_000 }),
  p50: fc.integer({ min: 0, max: 500 }),
  above: fc.integer({ min: 0, max: 500 }),
  cpuShare: fc.double({ min: 0, max: 2, noNaN: true }),
  memoryBytes: fc.integer({ min: 0, max: 1e9 }),
})
const steps = fc.array(step, { minLength: 1, maxLength: 400 })

test('however long a run is, its points are few, ascend, and hold its first and its last moment', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 3, max: 40 }), (steps, most) => {
      const samples = samplesOf(steps)
      const points = pointsOf(samples, most)
      expect(points.length).toBeLessThanOrEqual(most)
      expect(points[0]).toMatchObject({ atMs: samples[0]?.atMs, sent: samples[0]?.sent })
      expect(points.at(-1)).toMatchObject({ atMs: samples.at(-1)?.atMs, sent: samples.at(-1)?.sent })
      for (const [index, point] of points.slice(1).entries()) {
        expect(point.atMs).toBeGreaterThan(points[index]?.atMs ?? 0)
        expect(point.sent).toBeGreaterThanOrEqual(points[index]?.sent ?? 0)
      }
    }),
  )
})

test('a stretch of several samples has their worst p99 and max, their most memory, and means between their extremes', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 3, max: 40 }), (steps, most) => {
      const samples = samplesOf(steps)
      let from = 0
      for (const { atMs, acceptMs, usage } of pointsOf(samples, most)) {
        const part = samples.filter((sample) => sample.atMs > from && sample.atMs <= atMs)
        from = atMs
        const accepts = part.map(({ latencyMs }) => latencyMs.accept)
        const shares = part.flatMap((sample) => sample.usage.map(({ cpuShare }) => cpuShare))
        expect(acceptMs.p99).toBe(Math.max(...accepts.map(({ p99 }) => p99)))
        expect(acceptMs.max).toBe(Math.max(...accepts.map(({ max }) => max)))
        expect(acceptMs.p50).toBeGreaterThanOrEqual(Math.min(...accepts.map(({ p50 }) => p50)) - 1e-6)
        expect(acceptMs.p50).toBeLessThanOrEqual(Math.max(...accepts.map(({ p50 }) => p50)) + 1e-6)
        expect(usage.kafka?.memoryBytes).toBe(
          Math.max(...part.flatMap((sample) => sample.usage.map(({ memoryBytes }) => memoryBytes))),
        )
        expect(usage.kafka?.cpuShare).toBeGreaterThanOrEqual(Math.min(...shares) - 1e-6)
        expect(usage.kafka?.cpuShare).toBeLessThanOrEqual(Math.max(...shares) + 1e-6)
      }
      expect(from).toBe(samples.at(-1)?.atMs)
    }),
  )
})

test('up to its bound each sample is a point of its own', () => {
  const samples = samplesOf(
    Array.from({ length: 600 }, () => ({ ms: 1_000, sent: 10, p50: 1, above: 1, cpuShare: 1, memoryBytes: 1 })),
  )
  expect(pointsOf(samples.slice(0, 599), 600)).toHaveLength(599)
  const points = pointsOf(samples, 600)
  expect(points.length).toBeGreaterThanOrEqual(300)
  expect(points.length).toBeLessThanOrEqual(600)
})

test('a part that is there for some of the time only keeps its figures', () => {
  const usage = [{ name: 'relay-2', part: 'relay' as const, cpuMs: 1, cpuShare: 0.5, memoryBytes: 7 }]
  const samples = samplesOf(
    Array.from({ length: 9 }, () => ({ ms: 1_000, sent: 1, p50: 1, above: 0, cpuShare: 1, memoryBytes: 1 })),
  )
  const [first, second, ...rest] = samples
  if (first === undefined || second === undefined) throw new Error('there are nine')
  const points = pointsOf([first, { ...second, usage }, ...rest], 4)
  expect(points[1]?.usage['relay-2']).toEqual({ cpuShare: 0.5, memoryBytes: 7 })
})

function pointsOf(samples: readonly RunSample[], most: number) {
  const timeline = createTimeline(most)
  for (const sample of samples) timeline.add(sample)
  return timeline.points()
}

type Step = { ms: number; sent: number; p50: number; above: number; cpuShare: number; memoryBytes: number }

function samplesOf(steps: readonly Step[]): RunSample[] {
  let [atMs, all] = [0, 0]
  return steps.map(({ ms, sent, p50, above, cpuShare, memoryBytes }) => {
    atMs += ms
    all += sent
    const accept = { ...someSample.latencyMs.accept, p50, p99: p50 + above, max: p50 + 2 * above }
    const usage = [{ name: 'kafka', part: 'kafka' as const, cpuMs: 0, cpuShare, memoryBytes }]
    return { ...someSample, atMs, sent: all, latencyMs: { accept }, usage }
  })
}
