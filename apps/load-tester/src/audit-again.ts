import { join } from 'node:path'
import { readRunningSystem } from '@outbox/service/running-system'
import { openLedger } from './audit/ledger-reader.ts'
import { isRunId, type Settings } from './command-line/read-options.ts'
import { concludeRun } from './conclude-run.ts'
import { planRun } from './plan/run-plan.ts'
import { underWay } from './record/batch-outcomes.ts'
import { measuredFromMs, RunRecordError, readRunRecord } from './record/run-record.ts'
import { createRunTotals } from './record/run-totals.ts'
import { counted } from './report/numbers.ts'
import type { Report } from './report/report.ts'
import { startText } from './report/report-text.ts'
import { expectWritable } from './report/write-files.ts'
import { keepRunsMs } from './run-load-test.ts'
import { findSystem } from './system/find-system.ts'
import { looksOf, type Tester } from './tester.ts'
import { expectShowable } from './watch/create-display.ts'
import { watchWaiting } from './watch/watch-waiting.ts'

/**
 * Audits a recorded run again, also one whose tester was killed: what it may have had under way then is unknown.
 * @throws {UsageError} for a report that can't be written
 * @throws {RunRecordError} when there is no record of it, or the ledger no longer has it
 * @throws {LedgerUnavailableError} when there is no ledger to audit
 */
export async function auditAgain(tester: Tester, runId: string, settings: Settings): Promise<Report> {
  if (!isRunId(runId)) throw new RunRecordError(`${runId} is not the id of a run.`)
  await expectWritable(settings)
  expectShowable(tester, settings.progress)
  const record = readRunRecord(join(tester.root, '.loadtest'), runId)
  const { head } = record
  const plan = planRun(head.options)
  const totals = createRunTotals(plan, head.producers)
  totals.start(measuredFromMs(head))
  const { finished } = await record.readOutcomes((settled) => totals.add(settled))
  const unsettled = finished ? [] : underWay(plan, totals.outcomes)
  for (const batch of unsettled) {
    const settledAtMs = totals.lastSettledAtMs()
    totals.add({ batch, outcome: 'unknown', producer: '', latencyMs: 0, settledAtMs, errors: [] })
  }

  const running = readRunningSystem(tester.root)
  const { databaseUrl } = findSystem({ options: settings, env: tester.env, running })
  const ledger = await openLedger(databaseUrl)
  try {
    const { size } = await ledger.progress(runId)
    if (size === 0 && Date.now() - head.startedAtMs > keepRunsMs)
      throw new RunRecordError(`The ledger no longer holds run ${runId}: it keeps a run for a day.`)
    const notes = finished
      ? []
      : [`The tester was killed; ${counted(unsettled.length, 'batch', 'batches')} may have been under way.`]
    tester.stdout.write(`${startText(head, notes, looksOf(tester))}\n`)
    const watch = await watchWaiting(tester, { runId, totals, options: head.options, settings })
    try {
      return await concludeRun(tester, { head, plan, totals, ledger, watch, settings })
    } finally {
      await watch.end()
    }
  } finally {
    await ledger.close()
  }
}
