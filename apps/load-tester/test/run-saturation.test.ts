import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parseCommandLine } from '../src/command-line/parse-command-line.ts'
import { runSaturation, type SearchLengths } from '../src/saturation/run-saturation.ts'
import type { ReceivedBatch } from './fake-producer.ts'
import { fakeSystem, testerIn } from './fake-system.ts'

const short: SearchLengths = { probeSeconds: 1, stepSeconds: 1, trialSeconds: 1, mostSteps: 3 }
const schema = JSON.parse(readFileSync(`${import.meta.dirname}/../saturation.schema.json`, 'utf8'))
const validate = new Ajv2020({ allErrors: true }).compile(schema)

/** A system in which what is committed takes effect at a limited rate. */
async function slowSystem(messagesPerSecond: number) {
  const system = await fakeSystem()
  const waiting: ReceivedBatch[] = []
  const onCommit = async (batch: ReceivedBatch) => {
    waiting.push(batch)
    // What is accepted beyond the rate has to be waited for: the closed loop should not have too much of it.
    await sleep(200)
  }
  const producer = await system.producer('one', { onCommit })
  let open = true
  const working = (async () => {
    while (open || waiting.length > 0) {
      const batch = waiting.shift()
      if (batch !== undefined) await system.apply(batch)
      await sleep(((batch?.messages.length ?? 1) / messagesPerSecond) * 1_000)
    }
  })()
  return {
    system,
    producer,
    async [Symbol.asyncDispose]() {
      open = false
      await working
      await producer[Symbol.asyncDispose]()
      await system[Symbol.asyncDispose]()
    },
  }
}

function saturationOf(line: string) {
  const command = parseCommandLine(['saturation', ...line.split(' ')])
  return command.kind === 'saturation' ? command : expect.unreachable()
}

test('each step is a run that took effect as a whole; the curve, and what is suggested, is told', async () => {
  await using slow = await slowSystem(2_000)
  const { root, url: databaseUrl } = slow.system
  const { signal } = new AbortController()
  const { tester, said } = testerIn({ root, databaseUrl, producers: slow.producer.url, signal })
  const report = await runSaturation(tester, saturationOf('--keys 50 --progress none'), short)
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
  expect(report.verdict, JSON.stringify(report)).not.toBe('failed')
  expect(report.probe.appliedPerSecond).toBeLessThan(2_500)
  expect(report.steps.length).toBeLessThanOrEqual(short.mostSteps)
  const held = report.steps.filter(({ holds }) => holds).map(({ rate }) => rate)
  expect(report.highestRate).toBe(Math.max(0, ...held))
  // Twice what can take effect is never kept up with: the backlog shows it, however slow the machine is.
  for (const { rate, holds } of report.steps) if (rate > 4_000) expect(holds).toBe(false)
  expect(said.printed).toContain('End to end p99 by rate')
  expect(said.progress).toMatch(/closed loop: [\d,]+\/s accepted, [\d,]+\/s took effect\n/)
  const runs = await slow.system.pool.query('select count(distinct run)::int as runs from ledger.progress')
  expect(runs.rows[0].runs).toBe(1 + report.steps.length + report.trials.length)
})

test('a run that loses a message ends the search, and names the run and the message', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one', {
    onCommit: (batch) => (batch.key.endsWith('/3') ? undefined : system.apply(batch)),
  })
  const { exitCode, printed } = await system.loadtest('saturation --audit-timeout 1 --progress none', [one])
  expect(exitCode).toBe(1)
  expect(printed).toMatch(/FAILED\n {2}run \S+: group-a: 100 messages lost \(sequence 300, 301/)
})
