import { auditRun, type RunToAudit } from './audit/audit-run.ts'
import { explainFindings } from './audit/explain-findings.ts'
import type { LedgerReader } from './audit/ledger-reader.ts'
import { measureClock } from './audit/measure-clock.ts'
import type { Settings } from './command-line/read-options.ts'
import type { FaultRun } from './fault/inflict-faults.ts'
import type { RunPlan } from './plan/run-plan.ts'
import { measuredFromMs, type RunHead } from './record/run-record.ts'
import type { RunTotals } from './record/run-totals.ts'
import { buildReport } from './report/build-report.ts'
import type { Report } from './report/report.ts'
import { endText } from './report/report-text.ts'
import { judge } from './report/thresholds.ts'
import { writeFiles } from './report/write-files.ts'
import { looksOf, type Tester } from './tester.ts'
import type { RunWatch, Watched } from './watch/watch-run.ts'

/** A run of which everything was sent, or as much as ever will be. */
export type SentRun = {
  head: RunHead
  plan: RunPlan
  totals: RunTotals
  ledger: LedgerReader
  /** Its end says nothing where only the waiting is watched. */
  watch: Omit<RunWatch, 'end'> & { end(): Promise<Watched | undefined> }
  /** Undefined where there are none. */
  faultRun?: FaultRun | undefined
  settings: Pick<Settings, 'auditTimeoutMs' | 'thresholds' | 'json' | 'html' | 'verbose'>
}

const pollMs = 200

/** Waits for the effects, audits them, prints the report and writes it. */
export async function concludeRun(tester: Tester, run: SentRun): Promise<Report> {
  const { head, totals, watch, settings } = run
  const findings = await auditRun(toAudit(tester, run))
  const explained = await explainFindings({ runId: head.runId, plan: run.plan, pool: run.ledger.pool, findings })
  const faults = (await run.faultRun?.end()) ?? []
  const watched = await watch.end()
  const interrupted = tester.signal.aborted
  const finishedAtMs = Date.now()
  const clocks = await clocksOf(run.ledger)
  const built = buildReport({ head, totals, findings, explained, watched, faults, clocks, interrupted, finishedAtMs })
  const report = judge(built, settings.thresholds)
  tester.stdout.write(`${endText(report, looksOf(tester))}`)
  await writeFiles(settings, report)
  return report
}

/** The database's, which effects are timed by; none where it is away by now, as the audit is what counts. */
async function clocksOf(ledger: LedgerReader): Promise<Report['clocks']> {
  const clock = await measureClock(() => ledger.clockMs()).catch(() => undefined)
  return clock === undefined ? [] : [{ name: 'postgres', ...clock }]
}

function toAudit({ signal }: Tester, { head, plan, totals, ledger, watch, faultRun, settings }: SentRun): RunToAudit {
  const timeoutMs = settings.auditTimeoutMs
  return {
    runId: head.runId,
    plan: head.options.durationMs === undefined ? plan : plan.upTo(totals.outcomes.end()),
    measuredFromMs: measuredFromMs(head),
    totals,
    ledger,
    timeoutMs,
    pollMs,
    signal,
    onCounts(counts, groups, stillMs) {
      const ofAll = new Map(groups.map((group) => [group, counts.get(group) ?? 0]))
      watch.applied(ofAll, { stillMs: Math.round(stillMs), timeoutMs })
    },
    onReading() {
      faultRun?.drop()
      watch.auditing()
    },
    onNote: (note) => settings.verbose && watch.note(note),
  }
}
