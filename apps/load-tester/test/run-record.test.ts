import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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
const headOf = (runId: string): RunHead => ({ runId, scenario: 'quick', startedAtMs: 1, options, producers: [] })
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

test('an outcome that was taken is there when the tester is killed, those of one turn in their order', async () => {
  const record = createRunRecord(folder, headOf('killed'))
  record.start(1_795_000_000_000)
  await Promise.all([0, 1, 2].map((batch) => record.append(settled(batch))))
  await record.append(settled(3))
  // Nothing is closed, and nothing said to be finished.
  const again = await readAgain('killed')
  expect(again.head).toEqual({ ...headOf('killed'), startedAtMs: 1_795_000_000_000 })
  expect(again.outcomes).toEqual([0, 1, 2, 3].map(settled))
  expect(again.finished).toBe(false)
  record.finish()
})

test('the outcomes of one turn of the event loop are written at once', async () => {
  const record = createRunRecord(folder, headOf('turn'))
  const file = join(folder, 'turn', 'outcomes.jsonl')
  const taken = [0, 1].map((batch) => record.append(settled(batch)))
  expect(readFileSync(file, 'utf8')).toBe('')
  await Promise.race(taken)
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(2)
  record.finish()
})

test('what was taken last is written before the end is', async () => {
  const record = createRunRecord(folder, headOf('finished'))
  const taken = record.append(settled(7))
  record.finish()
  await taken
  expect(await readAgain('finished')).toMatchObject({ outcomes: [settled(7)], finished: true })
})

test('a second run of the same id has no record, and neither has one that never was', () => {
  createRunRecord(folder, headOf('twice')).finish()
  expect(() => createRunRecord(folder, headOf('twice'))).toThrow(RunRecordError)
  expect(() => readRunRecord(folder, 'never')).toThrow('There is no record of run never')
})
