import type { ProgressLine } from '@outbox/service/progress-line'
import { auditRun, type RunToAudit } from './audit/audit-run.ts'
import { explainFindings } from './audit/explain-findings.ts'
import type { LedgerReader } from './audit/ledger-reader.ts'
import type { EffectCounts } from './audit/wait-for-effects.ts'
import type { Settings } from './command-line/read-options.ts'
import type { RunPlan } from './plan/run-plan.ts'
import type { RunHead } from './record/run-record.ts'
import type { RunTotals } from './record/run-totals.ts'
import { buildReport } from './report/build-report.ts'
import { whole } from './report/numbers.ts'
import type { Report } from './report/report.ts'
import { endText } from './report/report-text.ts'
import { writeJson } from './report/write-json.ts'
import { looksOf, type Tester } from './tester.ts'

/** A run of which everything was sent, or as much as ever will be. */
export type SentRun = {
  head: RunHead
  plan: RunPlan
  totals: RunTotals
  ledger: LedgerReader
  progress: ProgressLine
  settings: Pick<Settings, 'auditTimeoutMs' | 'json' | 'verbose'>
}

const pollMs = 200

/** Waits for the effects, audits them, prints the report and writes it. */
export async function concludeRun(tester: Tester, run: SentRun): Promise<Report> {
  const { head, totals, progress, settings } = run
  const findings = await auditRun(toAudit(tester, run))
  const explained = await explainFindings({ runId: head.runId, plan: run.plan, pool: run.ledger.pool, findings })
  progress.end()
  const interrupted = tester.signal.aborted
  const report = buildReport({ head, totals, findings, explained, interrupted, finishedAtMs: Date.now() })
  tester.stdout.write(`${endText(report, looksOf(tester))}`)
  await writeJson(settings.json, report)
  return report
}

function toAudit({ signal }: Tester, { head, plan, totals, ledger, progress, settings }: SentRun): RunToAudit {
  return {
    runId: head.runId,
    plan,
    totals,
    ledger,
    timeoutMs: settings.auditTimeoutMs,
    pollMs,
    signal,
    onCounts(counts, groups, stillMs) {
      progress.update(
        () => appliedText(counts, groups, totals.counts.sent) + stillText(stillMs, settings.auditTimeoutMs),
      )
    },
    onNote: (note) => settings.verbose && progress.note(note),
  }
}

function appliedText(counts: EffectCounts, groups: readonly string[], sent: number): string {
  const list = groups.map((group) => `${group} ${whole(counts.get(group) ?? 0)}`)
  return `took effect: ${list.join(', ')} of ${whole(sent)}`
}

/** Says why nothing seems to happen, and until when. */
function stillText(stillMs: number, timeoutMs: number): string {
  if (stillMs < 3_000) return ''
  const [still, timeout] = [stillMs, timeoutMs].map((ms) => Math.floor(ms / 1_000))
  return `; nothing moved for ${still} s, waiting up to ${timeout} s`
}
