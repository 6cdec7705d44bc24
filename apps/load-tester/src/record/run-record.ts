import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
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

/** Takes what becomes known of a run. */
export type RunRecord = {
  /** When the first message is sent, in ms since 1970. */
  start(startedAtMs: number): void
  /**
   * Takes an outcome.
   * @returns resolves when it is with the operating system: until then its worker may not send another batch
   */
  append(settled: SettledBatch): Promise<void>
  /** Says that there will be no other outcome. */
  finish(): void
}

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
 * Begins a record in `folder`/RUN-ID. An outcome that was taken is there also when the tester is killed.
 * @throws {RunRecordError} when there is one of the same id, or the folder can't be written
 */
export function createRunRecord(folder: string, head: RunHead): RunRecord {
  const path = join(folder, head.runId)
  try {
    mkdirSync(folder, { recursive: true })
    mkdirSync(path)
    writeHead(path, head)
    const file = openSync(join(path, outcomesFile), 'wx')
    const lines = lineWriter(file)
    return {
      start: (startedAtMs) => writeHead(path, { ...head, startedAtMs }),
      append: (settled) => lines.write(`${JSON.stringify(settled)}\n`),
      finish() {
        lines.flush()
        writeSync(file, `${JSON.stringify({ finished: true })}\n`)
        closeSync(file)
      },
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new RunRecordError(`The run's record can't be made in ${path}: ${reason}`, { cause: error })
  }
}

/** Never half of it, whenever the tester is killed. */
function writeHead(path: string, head: RunHead): void {
  const file = join(path, headFile)
  writeFileSync(`${file}.new`, `${JSON.stringify(head, undefined, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/**
 * Writes all lines of a turn of the event loop at once: answers come several a turn, and a write costs more than what is
 * written. (One write a batch took a fifth of the tester's CPU time with a message a batch.)
 */
function lineWriter(file: number): { write(line: string): Promise<void>; flush(): void } {
  let waiting: { text: string; written: Promise<void>; resolve: () => void } | undefined

  function flush(): void {
    if (waiting === undefined) return
    const { text, resolve } = waiting
    waiting = undefined
    writeSync(file, text)
    resolve()
  }
  return {
    flush,
    write(line) {
      if (waiting === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting = { text: '', written: promise, resolve }
        setImmediate(flush)
      }
      waiting.text += line
      return waiting.written
    },
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
