import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { System } from '@outbox/local-stack/start-system'
import { urlsOf } from '@outbox/service/running-system'
import type { Report } from '../../apps/load-tester/src/report/report.ts'

/** The load tester, and where it keeps its records. */
export const PROGRAM = fileURLToPath(import.meta.resolve('../../apps/load-tester/src/main.ts'))
const FOLDER = fileURLToPath(import.meta.resolve('../../.outbox/bench/load-test'))
export const RECORDS = fileURLToPath(import.meta.resolve('../../.loadtest'))

/** What is needed of the load test's report. */
export type LoadTestReport = Pick<Report, 'totals' | 'drain' | 'latencyMs'>

/** A load test under way. `report` rejects when it didn't pass. */
export type LoadTest = { pid: number; report: Promise<LoadTestReport> }

/** `concurrency`: requests under way at once, with `batchSize` messages each. */
export type LoadTestOptions = {
  run: string
  topic: string
  messages: number
  batchSize: number
  concurrency: number
  signal: AbortSignal
}

/** Starts a load test against the producers of a system. */
export function startLoadTest({ apps, databaseUrl }: System, options: LoadTestOptions): LoadTest {
  const { run, topic, messages, batchSize, concurrency, signal } = options
  const jsonFile = join(FOLDER, 'report.json')
  const args = {
    messages,
    'batch-size': Math.min(batchSize, messages),
    concurrency,
    topic,
    producers: urlsOf('producer', apps).join(),
    'database-url': databaseUrl,
    'run-id': run,
    json: jsonFile,
  }
  mkdirSync(FOLDER, { recursive: true })
  const logFile = join(FOLDER, 'load-test.log')
  const log = openSync(logFile, 'w')
  const child = spawn(
    process.execPath,
    [PROGRAM, ...Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)])],
    { signal, stdio: ['ignore', log, log] },
  )
  const finish = async () => {
    const [exitCode] = await once(child, 'exit')
    if (exitCode !== 0) throw new Error(`the load test did not pass (exit code ${exitCode}): see ${logFile}`)
    await rm(join(RECORDS, run), { recursive: true, force: true })
    return JSON.parse(readFileSync(jsonFile, 'utf8')) as LoadTestReport
  }
  const report = finish()
  // Whoever waits for it hears of it later.
  report.catch(() => {})
  return { pid: child.pid ?? 0, report }
}
