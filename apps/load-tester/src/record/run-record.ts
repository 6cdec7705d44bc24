import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOptions } from '../command-line/run-options.ts'
import type { SettledBatch } from '../send/settled-batch.ts'
import type { CheckedProducer } from '../system/check-producers.ts'

/** What is known of a run before anything is sent. */
export type RunHead = {
  runId: string
  scenario: string
  startedAtMs: number
  options: RunOptions
  producers: CheckedProducer[]
}

/** Takes each outcome as it becomes known. `finish` says that there will be no other. */
export type RunRecord = { append(settled: SettledBatch): void; finish(): void }

/** @returns when the warm-up ends, in ms since 1970; 0 where there is none */
export function measuredFromMs({ startedAtMs, options: { warmUpMs } }: RunHead): number {
  return warmUpMs === undefined ? 0 : startedAtMs + warmUpMs
}

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
  try {
    const head: RunHead = JSON.parse(readFileSync(path, 'utf8'))
    if (head.runId === runId) return head
    throw new Error(`it is that of ${head.runId}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new RunRecordError(`There is no record of run ${runId} in ${path}: ${reason}`, { cause: error })
  }
}

/** @returns undefined for a line that the tester was killed in the middle of */
function parseLine(text: string): SettledBatch | { finished: true } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
