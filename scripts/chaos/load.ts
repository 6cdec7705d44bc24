import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type GuardedProcess, spawnGuarded } from '@outbox/local-stack/spawn-guarded'
import type { GroupReport, Report } from '../../apps/load-tester/src/report/report.ts'
import { chaosFolder } from './chaos-folder.ts'
import type { ChaosSystem } from './chaos-system.ts'
import { topics } from './system-shape.ts'

const PROGRAM = fileURLToPath(import.meta.resolve('../../apps/load-tester/src/main.ts'))
const RECORDS = fileURLToPath(import.meta.resolve('../../.loadtest'))
const REPORT_MS = 60_000
const FIRST_ANSWER_MS = 60_000
const POLL_MS = 50
/** Nothing moves for so long in any group: what is missing by then is lost. */
const AUDIT_SECONDS = 60

export type LoadOptions = {
  /** More than are ever sent, where the load goes on until it's interrupted. */
  messages: number
  batchSize: number
  concurrency: number
  keys: number
  topic: string
}

/** What goes on during all of a run: enough to keep every shard and partition busy, little enough to leave room for recovery. */
export const steadyLoad = { messages: 100_000_000, batchSize: 4, concurrency: 2, keys: 1_000, topic: topics.load }

/**
 * Starts a load test, as `pnpm loadtest` does, and waits until its first batch is answered. It's among those that are audited
 * in the end.
 * @throws when it ends before, or when nothing is answered within a minute
 */
export async function startLoad(system: ChaosSystem, options: LoadOptions): Promise<GuardedProcess & { run: string }> {
  const { messages, batchSize, concurrency, keys, topic } = options
  const run = system.newRun()
  system.runs.push(run)
  const process = await runTester(system, [
    ...['--run-id', run, '--messages', messages, '--batch-size', batchSize, '--concurrency', concurrency],
    ...['--keys', keys, '--topic', topic],
    ...['--producers', system.producers.join(), '--database-url', system.databaseUrl],
    ...['--json', reportFile(run)],
  ])
  await firstAnswer(run, process)
  return { ...process, run }
}

/** What is needed of the load tester's report. */
export type LoadReport = {
  verdict: string
  totals: Pick<Report['totals'], 'sent' | 'failed' | 'unknown'>
  groups: Omit<GroupReport, 'replayed' | 'findings' | 'latencyMs'>[]
}

/** Waits until all of a run took effect, and audits it, as `pnpm loadtest audit RUN-ID` does. */
export async function auditLoad(system: ChaosSystem, run: string): Promise<LoadReport | undefined> {
  await rm(reportFile(run), { force: true })
  const options = ['--database-url', system.databaseUrl, '--audit-timeout', AUDIT_SECONDS, '--json', reportFile(run)]
  const auditing = await runTester(system, ['audit', run, ...options])
  await auditing.exited
  return await readReport(run)
}

/** The report of a load test, or of its last audit; undefined when it has reported nothing. */
export async function readReport(run: string): Promise<LoadReport | undefined> {
  const text = await readFile(reportFile(run), 'utf8').catch(() => '')
  return text === '' ? undefined : JSON.parse(text)
}

/** Where a run's answers are recorded. */
export function recordFolder(run: string): string {
  return join(RECORDS, run)
}

function reportFile(run: string): string {
  return join(chaosFolder, `${run}.json`)
}

async function firstAnswer(run: string, { exited }: GuardedProcess): Promise<void> {
  const ended = exited.then(() => true)
  const outcomes = join(recordFolder(run), 'outcomes.jsonl')
  for (const deadline = Date.now() + FIRST_ANSWER_MS; Date.now() < deadline; ) {
    if ((await readFile(outcomes, 'utf8').catch(() => '')).includes('\n')) return
    if (await Promise.race([ended, sleep(POLL_MS, false)])) break
  }
  throw new Error(`the load test ${run} did not begin: see ${logFile}`)
}

const logFile = join(chaosFolder, 'load.log')

async function runTester({ guardian }: ChaosSystem, args: readonly (string | number)[]): Promise<GuardedProcess> {
  return await spawnGuarded({
    command: process.execPath,
    args: [PROGRAM, ...args.map(String)],
    logFile,
    ending: { signal: 'SIGINT', graceMs: REPORT_MS },
    guardian,
  })
}
