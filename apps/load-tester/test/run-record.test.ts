import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRunRecord, type RunHead, RunRecordError, readRunRecord } from '../src/record/run-record.ts'
import type { SettledBatch } from '../src/send/settled-batch.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'record-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const options = { messages: 100, batchSize: 10, concurrency: 5, keys: 10, topic: 't', payloadBytes: 32 }
const away = [
  { name: '127.0.0.1:1', url: 'http://127.0.0.1:1', healthy: false, reason: 'nobody listens there' },
  { name: 'away', url: 'http://127.0.0.1:2', healthy: false, reason: 'nobody listens there' },
]
const headOf = (runId: string): RunHead => ({ runId, scenario: 'quick', startedAtMs: 1, options, producers: away })
const settled = (batch: number): SettledBatch => ({
  batch,
  outcome: 'sent',
  producer: 'a',
  latencyMs: 1.5,
  settledAtMs: 9,
  errors: [],
})

async function readAgain(runId: string) {
  const outcomes: SettledBatch[] = []
  const record = readRunRecord(folder, runId)
  const { finished } = await record.readOutcomes((settled) => outcomes.push(settled))
  return { head: record.head, outcomes, finished }
}

test('an outcome that was taken is there when the tester is killed, and so is who joined', async () => {
  const record = createRunRecord(folder, headOf('killed'))
  record.start(1_795_000_000_000)
  for (const batch of [0, 1]) record.append(settled(batch))
  record.joined({ name: 'late', url: 'http://127.0.0.1:1', healthy: true, joinedAtMs: 5_000 })
  record.append(settled(2))
  // Nothing is closed, and nothing said to be finished.
  const again = await readAgain('killed')
  expect(again.head).toMatchObject({ runId: 'killed', startedAtMs: 1_795_000_000_000 })
  expect(again.head.producers).toEqual([
    { name: 'late', url: 'http://127.0.0.1:1', healthy: true, joinedAtMs: 5_000 },
    { name: 'away', url: 'http://127.0.0.1:2', healthy: false, reason: 'nobody listens there' },
  ])
  expect(again.outcomes).toEqual([0, 1, 2].map(settled))
  expect(again.finished).toBe(false)
  record.finish()
  expect((await readAgain('killed')).finished).toBe(true)
})

test('a second run of the same id has no record, and neither has one that never was', () => {
  createRunRecord(folder, headOf('twice')).finish()
  expect(() => createRunRecord(folder, headOf('twice'))).toThrow(RunRecordError)
  expect(() => readRunRecord(folder, 'never')).toThrow('There is no record of run never')
})
