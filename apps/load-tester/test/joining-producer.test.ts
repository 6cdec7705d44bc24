import { expect, test } from 'vitest'
import { fakeProducer } from './fake-producer.ts'
import { fakeSystem, loadtest } from './fake-system.ts'

test('a producer that was away at the start joins, and stands in the report, also when the run is audited again', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const away = await system.producer('away')
  await away.kill()
  const stop = new AbortController()
  const running = loadtest('--rate 200 --duration 600 --run-id joined', {
    root: system.root,
    databaseUrl: system.databaseUrl,
    producers: [one.url, away.url].join(),
    signal: stop.signal,
  })
  await expect.poll(() => one.received.length).toBeGreaterThan(0)
  await using late = await fakeProducer({
    name: 'late',
    committed: system.committed,
    onCommit: system.apply,
    port: Number(new URL(away.url).port),
  })
  await expect.poll(() => late.received.length).toBeGreaterThan(5)
  stop.abort()
  const { report, printed, progress } = await running
  const expected = [
    { name: 'one', healthy: true },
    { name: 'late', url: away.url, healthy: true, joinedAtMs: expect.any(Number), errors: {} },
  ]
  expect(report.producers).toMatchObject(expected)
  expect(report.producers[1]?.sent).toBeGreaterThan(50)
  expect(printed).toContain('late joined')
  expect(progress).toContain('late has joined')

  const again = await system.loadtest('audit joined')
  expect(again.report.producers).toEqual(report.producers)
})
