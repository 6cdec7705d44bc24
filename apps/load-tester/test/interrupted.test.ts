import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { fakeSystem } from './fake-system.ts'
import { startTester } from './tester-process.ts'

/** Two requests at once, which never end by themselves within the test. */
const size = ['--messages', '1000000', '--batch-size', '10', '--concurrency', '2']

/** Accepts until the 20th batch; from then on each answer waits for `open`. */
async function slowSystem() {
  const system = await fakeSystem()
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const producer = await system.producer('one', {
    async onCommit(batch) {
      if (system.committed.size > 20) await opened
      await system.apply(batch)
    },
  })
  const around = { databaseUrl: system.url, producers: producer.url }
  return {
    system,
    producer,
    around,
    open: () => open(),
    async [Symbol.asyncDispose]() {
      await producer[Symbol.asyncDispose]()
      await system[Symbol.asyncDispose]()
    },
  }
}

test('SIGINT: nothing more is sent, what is in flight is waited for, audited and reported, and the exit code is 130', async () => {
  await using slow = await slowSystem()
  const runId = `interrupted-${randomUUID()}`
  await using tester = startTester(runId, [...size, '--run-id', runId, '--audit-timeout', '20'], slow.around)
  await expect.poll(() => slow.producer.received.length, { timeout: 40_000 }).toBe(22)
  tester.signal('SIGINT')
  await expect.poll(() => tester.said(), { timeout: 40_000 }).toContain('interrupted: what is in hand is finished')
  slow.open()
  const { code, said } = await tester.ended()
  expect(code, said).toBe(130)
  expect(said).toMatch(/Messages Sent +220\n/)
  expect(said).toMatch(/group-a +220 +0 +0 +0 +0 +0 /)
  expect(said).toContain('INTERRUPTED')
  expect(slow.producer.received).toHaveLength(22)
})

test('SIGKILL: the run is audited by its id, and what was under way is unknown', async () => {
  await using slow = await slowSystem()
  const runId = `killed-${randomUUID()}`
  await using tester = startTester(runId, [...size, '--run-id', runId], slow.around)
  await expect.poll(() => slow.producer.received.length, { timeout: 40_000 }).toBe(22)
  tester.signal('SIGKILL')
  expect((await tester.ended()).code).toBe(null)
  slow.open()
  const applied = () => slow.system.pool.query('select sum(effects)::int as effects from ledger.progress')
  await expect.poll(async () => (await applied()).rows[0].effects, { timeout: 40_000 }).toBe(2 * 220)

  await using again = startTester(runId, ['audit', runId], slow.around)
  const { code, said } = await again.ended()
  expect(code, said).toBe(1)
  expect(said).toContain('The tester was killed; 2 batches may have been under way.')
  expect(said).toMatch(/Messages Sent +200\n/)
  expect(said).toMatch(/Messages Unknown +20\n/)
  expect(said).toMatch(/group-a +220 +0 +0 +0 +0 +0 /)
  expect(said).toContain('20 messages never settled: took effect once or never')
})

test('without a terminal nothing is coloured, nothing is written over, and lines are those of a page', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const runId = `piped-${randomUUID()}`
  const around = { databaseUrl: system.url, producers: one.url }
  await using tester = startTester(runId, ['quick', '--run-id', runId, '--verbose'], around)
  const { code, said, stdout } = await tester.ended()
  expect(code, said).toBe(0)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would act on
  expect(said).not.toMatch(/[\u001B\r]/)
  expect(stdout).toContain('PASSED')
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})
