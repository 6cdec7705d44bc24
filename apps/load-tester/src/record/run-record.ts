import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOptions } from '../command-line/run-options.ts'
import type { SettledBatch } from '../send/settled-batch.ts'
import { addJoined, type CheckedProducer } from '../system/check-producers.ts'

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
  /** Takes an outcome, which is with the operating system when this returns: it is there also when the tester is killed. */
  append(settled: SettledBatch): void
  /** A producer that wasn't there at the start. */
  joined(producer: CheckedProducer): void
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
 * Begins a record in `folder`/RUN-ID.
 * @throws {RunRecordError} when there is one of the same id, or the folder can't be written
 */
export function createRunRecord(folder: string, head: RunHead): RunRecord {
  const path = join(folder, head.runId)
  try {
    mkdirSync(folder, { recursive: true })
    mkdirSync(path)
    writeHead(path, head)
    const file = openSync(join(path, outcomesFile), 'wx')
    // 1.6 µs a line, of 56 that a request costs; gathering lines would save 1 of these.
    const write = (line: unknown) => void writeSync(file, `${JSON.stringify(line)}\n`)
    return {
      start: (startedAtMs) => writeHead(path, { ...head, startedAtMs }),
      append: write,
      joined: (producer) => write({ joined: producer }),
      finish() {
        write({ finished: true })
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

/** A record as it is read again. */
export type RecordedRun = {
  head: RunHead
  /**
   * Hands over the outcomes in the order in which they became known, and puts producers that joined into the head.
   * @returns whether the tester came to its end; otherwise it was killed, and some batches may have been under way
   */
  readOutcomes(onSettled: (settled: SettledBatch) => void): Promise<{ finished: boolean }>
}

/** @throws {RunRecordError} when there is none of this id in `folder` */
export function readRunRecord(folder: string, runId: string): RecordedRun {
  const path = join(folder, runId)
  const head = readHead(join(path, headFile), runId)
  return {
    head,
    async readOutcomes(onSettled) {
      await using file = await open(join(path, outcomesFile))
      let finished = false
      for await (const text of file.readLines()) {
        const line = parseLine(text)
        if (line === undefined) continue
        if ('finished' in line) finished = true
        else if ('joined' in line) addJoined(head.producers, line.joined)
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
function parseLine(text: string): SettledBatch | { joined: CheckedProducer } | { finished: true } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
