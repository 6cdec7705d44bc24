import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { SettledBatch } from '../send/settled-batch.ts'

const count = Type.Integer({ minimum: 1 })

/** What is known of a run before anything is sent. */
export const RunHead = Type.Object({
  runId: Type.String(),
  scenario: Type.String(),
  startedAtMs: Type.Integer(),
  options: Type.Object({
    messages: count,
    batchSize: count,
    concurrency: count,
    topic: Type.String(),
    keys: count,
    payloadBytes: count,
  }),
  producers: Type.Array(
    Type.Object({
      name: Type.String(),
      url: Type.String(),
      healthy: Type.Boolean(),
      reason: Type.Optional(Type.String()),
    }),
  ),
})
export type RunHead = Static<typeof RunHead>

/** Takes each outcome as it becomes known. `finish` says that there will be no other. */
export type RunRecord = { append(settled: SettledBatch): void; finish(): void }

const headFile = 'run.json'
const outcomesFile = 'outcomes.jsonl'

/** The record of a run can't be made, or isn't there, or can't be read. */
export class RunRecordError extends Error {
  readonly code = 'OUTBOX_LOADTEST_RECORD'
  override name = 'RunRecordError'
}

/**
 * Begins a record in `folder`/RUN-ID. Each outcome is with the operating system before `append` returns, so that it
 * is there also when the tester is killed.
 * @throws {RunRecordError} when there is one of the same id, or the folder can't be written
 */
export function createRunRecord(folder: string, head: RunHead): RunRecord {
  const path = join(folder, head.runId)
  try {
    mkdirSync(folder, { recursive: true })
    mkdirSync(path)
    writeFileSync(join(path, headFile), `${JSON.stringify(head, undefined, 2)}\n`)
    const file = openSync(join(path, outcomesFile), 'wx')
    return {
      append: (settled) => void writeSync(file, `${JSON.stringify(settled)}\n`),
      finish() {
        writeSync(file, `${JSON.stringify({ finished: true })}\n`)
        closeSync(file)
      },
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new RunRecordError(`The run's record can't be made in ${path}: ${reason}`, { cause: error })
  }
}

/** A record as it is read again. */
export type RecordedRun = {
  head: RunHead
  /**
   * Hands over the outcomes in the order in which they became known.
   * @returns whether the tester came to its end; otherwise it was killed, and some batches may have been under way
   */
  readOutcomes(onSettled: (settled: SettledBatch) => void): Promise<{ finished: boolean }>
}

/** @throws {RunRecordError} when there is none of this id in `folder` */
export function readRunRecord(folder: string, runId: string): RecordedRun {
  const path = join(folder, runId)
  return {
    head: readHead(join(path, headFile), runId),
    async readOutcomes(onSettled) {
      await using file = await open(join(path, outcomesFile))
      let finished = false
      for await (const text of file.readLines()) {
        const line = parseLine(text)
        if (line === undefined) continue
        if ('finished' in line) finished = true
        else onSettled(line)
      }
      return { finished }
    },
  }
}

function readHead(path: string, runId: string): RunHead {
  let head: unknown
  try {
    head = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new RunRecordError(`There is no run ${runId}: ${path} can't be read.`, { cause: error })
  }
  if (!Value.Check(RunHead, head)) throw new RunRecordError(`${path} is not the record of a run.`)
  return head
}

/** @returns undefined for a line that the tester was killed in the middle of */
function parseLine(text: string): SettledBatch | { finished: true } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
