import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { dropOldRuns } from '@outbox/ledger/drop-old-runs'
import { type RunningSystem, readRunningSystem } from '@outbox/service/running-system'
import { type LedgerReader, openLedger } from './audit/ledger-reader.ts'
import type { EffectCounts } from './audit/wait-for-effects.ts'
import { lastsMs } from './command-line/lasts-ms.ts'
import type { Settings } from './command-line/read-options.ts'
import type { RunOptions } from './command-line/run-options.ts'
import { UsageError } from './command-line/usage-error.ts'
import { concludeRun } from './conclude-run.ts'
import { inflictFaults } from './fault/inflict-faults.ts'
import { placeFaults } from './fault/place-faults.ts'
import { createBatchBodies } from './plan/batch-bodies.ts'
import { type Payload, readPayloadFile } from './plan/payload-file.ts'
import { createPayloads } from './plan/payloads.ts'
import { planRun, type RunPlan } from './plan/run-plan.ts'
import { createRunRecord, measuredFromMs, type RunHead, type RunRecord } from './record/run-record.ts'
import { createRunTotals } from './record/run-totals.ts'
import type { Report } from './report/report.ts'
import { startText } from './report/report-text.ts'
import { expectWritable } from './report/write-files.ts'
import { createSendState } from './send/send-state.ts'
import { sendToProducers } from './send/send-to-producers.ts'
import { addJoined, type CheckedProducer, checkProducers } from './system/check-producers.ts'
import { findSystem } from './system/find-system.ts'
import { looksOf, type Tester } from './tester.ts'
import { createDisplay, expectShowable } from './watch/create-display.ts'
import type { RunWatch } from './watch/watch-run.ts'
import { watchSending } from './watch/watch-sending.ts'

/** A run as it was asked for. */
export type RequestedRun = { scenario: string; options: RunOptions; settings: Settings }

/** Nobody is there to send to. */
export class NothingToSendToError extends Error {
  readonly code = 'OUTBOX_LOADTEST_NO_PRODUCER'
  override name = 'NothingToSendToError'
}

/** An effect of a run is kept for a day after its last one. */
export const keepRunsMs = 24 * 3_600_000

const healthTimeoutMs = 3_000

/**
 * Sends, waits, audits and prints a run. When `tester.signal` aborts, what was sent until then is reported.
 * @throws {UsageError} for an id that was used, or a report that can't be written
 * @throws {NothingToSendToError} when no producer is ready
 * @throws {LedgerUnavailableError} when there is no ledger to audit
 */
export async function runLoadTest(tester: Tester, { scenario, options, settings }: RequestedRun): Promise<Report> {
  await expectWritable(settings)
  expectShowable(tester, settings.progress)
  const system = findSystem({ options: settings, env: tester.env, running: readRunningSystem(tester.root) })
  const producers = await expectProducers(system.producers)
  const placed = placeFaults(settings.faults, runningAt(tester.root, producers), lastsMs(options))
  const ledger = await openLedger(system.databaseUrl)
  try {
    const runId = settings.runId ?? makeRunId(new Date())
    const head: RunHead = { runId, scenario, startedAtMs: Date.now(), options, producers }
    await expectNewRun(ledger, runId)
    const display = createDisplay(tester, settings.progress, `${scenario} ${runId}`)
    await forgetOldRuns(ledger, (note) => settings.verbose && display.note(note))

    const plan = planRun(options)
    const consumers = await checkConsumers(settings.consumers)
    const text = startText(head, [...notesOn(plan, options), ...consumers.notes], looksOf(tester))
    const payloadOf = payloadsFor(head)
    const bodyOf = createBatchBodies(plan, { run: runId, topic: options.topic, payloadOf })
    const groups = await ledger.groups()
    const record = createRunRecord(join(tester.root, '.loadtest'), head)
    tester.stdout.write(`${text}\n`)
    const totals = createRunTotals(plan, producers)
    const state = createSendState()
    const watch = await watchSending(tester, {
      ...{ options, settings, totals, state, display, groups },
      consumers: consumers.urls,
      messagesOf: (batch) => plan.batch(batch).count,
      readApplied: appliedBy(ledger, runId, groups),
      running: () => runningAt(tester.root, producers),
    })
    try {
      head.startedAtMs = Date.now()
      record.start(head.startedAtMs)
      totals.start(measuredFromMs(head))
      const faultRun = placed && inflictFaults({ ...placed, note: watch.note, signal: tester.signal })
      await sendToProducers({
        plan,
        options,
        producers: producers.filter(({ healthy }) => healthy),
        check: () => checkProducers(system.producers, healthTimeoutMs),
        onJoined: (producer) => takeIn(producer, { head, record, watch }),
        ...{ bodyOf, runId, totals, state, record },
        onSettled: watch.settled,
        onError: (note) => settings.verbose && watch.note(note),
        signal: tester.signal,
      })
      return await concludeRun(tester, { head, plan, totals, ledger, watch, faultRun, settings })
    } finally {
      await watch.end()
    }
  } finally {
    await ledger.close()
  }
}

/** A producer that came while the run went on. */
function takeIn(
  producer: CheckedProducer,
  { head, record, watch }: { head: RunHead; record: RunRecord; watch: RunWatch },
): void {
  const joined = { ...producer, joinedAtMs: Date.now() - head.startedAtMs }
  addJoined(head.producers, joined)
  record.joined(joined)
  watch.note(`${joined.name} has joined, at ${joined.url}`)
}

/** Also the groups are there that have applied nothing yet. */
function appliedBy(ledger: LedgerReader, runId: string, groups: readonly string[]): () => Promise<EffectCounts> {
  return async () => new Map([...groups.map((group) => [group, 0] as const), ...(await ledger.progress(runId))])
}

/** The system of `npm start`, where it is what is sent to. */
function runningAt(root: string, producers: readonly CheckedProducer[]): RunningSystem | undefined {
  const running = readRunningSystem(root)
  return running?.apps.some(({ url }) => producers.some((producer) => producer.url === url)) ? running : undefined
}

function payloadsFor({ runId, options }: RunHead): (sequence: number) => Payload {
  const { payloads } = options
  if (payloads === undefined) return createPayloads({ run: runId, ...options })
  const given = readPayloadFile(payloads)
  return (sequence) => given[sequence % given.length] as Payload
}

async function expectProducers(urls: readonly string[]): Promise<CheckedProducer[]> {
  const producers = await checkProducers(urls, healthTimeoutMs)
  if (producers.some(({ healthy }) => healthy)) return producers
  const list = producers.map(({ url, reason }) => `\n  ${url}  ${reason ?? ''}`).join('')
  throw new NothingToSendToError(
    `Nothing to send to: no producer is ready.${list}\nStart the system (npm start), or name others with --producers.`,
  )
}

/** Those that answer, and a note on each that doesn't; undefined where none was named. */
async function checkConsumers(named: readonly string[] | undefined): Promise<{ urls?: string[]; notes: string[] }> {
  if (named === undefined) return { notes: [] }
  const checked = await checkProducers(named, healthTimeoutMs)
  return {
    urls: checked.filter(({ healthy }) => healthy).map(({ url }) => url),
    notes: checked.flatMap(({ url, reason }) =>
      reason === undefined ? [] : [`Consumer ${url} is left out: ${reason}.`],
    ),
  }
}

async function expectNewRun(ledger: LedgerReader, runId: string): Promise<void> {
  const { size } = await ledger.progress(runId)
  if (size > 0) throw new UsageError(`--run-id ${runId}: there was a run of this id before. Choose another one.`)
}

/** Short enough for each message to carry, in the order of time, and different also for two runs that begin at once. */
function makeRunId(now: Date): string {
  const time = now
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .replace('T', '-')
  return `${time}-${randomBytes(2).toString('hex')}`
}

async function forgetOldRuns({ pool }: LedgerReader, onNote: (note: string) => void): Promise<void> {
  try {
    const { runs, partitions } = await dropOldRuns(pool, { untouchedMs: keepRunsMs })
    if (runs.length > 0) onNote(`forgot ${runs.length} runs older than a day, dropped ${partitions} partitions`)
  } catch (error) {
    onNote(`old runs stay in the ledger: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function notesOn({ workers, batches }: RunPlan, { concurrency, keys, keySkew }: RunOptions): string[] {
  if (workers === concurrency) return []
  const limit = Math.min(concurrency, batches)
  const why =
    keys > workers && workers < limit
      ? `with a key skew of ${keySkew} the most frequent key has 1 of ${workers} messages or more, and its batches must follow each other`
      : keys < limit
        ? `there are ${keys} keys, and a key's batches must follow each other`
        : `there are ${batches} batches`
  return [`${workers} requests at once instead of ${concurrency}: ${why}.`]
}
