import { setTimeout as sleep } from 'node:timers/promises'
import { LedgerError } from '@outbox/ledger/stream-effects'
import type { RunPlan } from '../plan/run-plan.ts'
import type { RunTotals } from '../record/run-totals.ts'
import { auditEffects, type Findings } from './audit-effects.ts'
import type { LedgerReader } from './ledger-reader.ts'
import { type EffectCounts, waitForEffects } from './wait-for-effects.ts'

/** The run to audit, and how long to wait for its effects. */
export type RunToAudit = {
  runId: string
  plan: RunPlan
  /** What was sent before it, in ms since 1970, is left out of the latencies. */
  measuredFromMs: number
  totals: RunTotals
  ledger: LedgerReader
  timeoutMs: number
  pollMs: number
  signal: AbortSignal
  onCounts: (counts: EffectCounts, groups: readonly string[], stillMs: number) => void
  /** All that is awaited took effect, and is read now. */
  onReading: () => void
  onNote: (note: string) => void
}

/**
 * Waits until the run took effect in every group and audits it. Where effects are missing although as many were
 * counted as there ought to be, since others came twice or were replayed, it waits for as many more. What is missing once
 * nothing has moved for `timeoutMs` is lost.
 */
export async function auditRun(run: RunToAudit): Promise<Findings> {
  const { runId, ledger, totals, timeoutMs, pollMs, signal } = run
  const groups = await retried(() => ledger.groups(), run)
  let least = groups.map(() => totals.counts.sent)
  for (;;) {
    let counts: EffectCounts = new Map()
    const ended = await waitForEffects({
      read: () => ledger.progress(runId),
      enough: (now) => groups.every((group, index) => (now.get(group) ?? 0) >= (least[index] ?? 0)),
      onCounts: (now, stillMs) => {
        counts = now
        run.onCounts(now, groups, stillMs)
      },
      pollMs,
      timeoutMs,
      signal,
    })
    if (ended !== 'enough')
      run.onNote(ended === 'timeout' ? `nothing moved for ${timeoutMs / 1_000} s` : 'stopped waiting')
    run.onReading()
    const findings = await retried(() => audit(run, groups), run)
    const lost = new Map(findings.groups.map(({ group, lost }) => [group, lost.count]))
    if (ended !== 'enough' || findings.groups.every(({ lost }) => lost.count === 0)) return findings
    least = groups.map((group) => (counts.get(group) ?? 0) + (lost.get(group) ?? 0))
  }
}

async function audit(
  { runId, plan, measuredFromMs, totals, ledger }: RunToAudit,
  groups: readonly string[],
): Promise<Findings> {
  const audit = auditEffects({ plan, stateOf: (batch) => totals.outcomes.get(batch), groups, measuredFromMs })
  await ledger.stream(runId, (effect) => audit.add(effect))
  return audit.findings()
}

/** A database that is restarted under us comes back; for as long as a group may stand still we try again. */
async function retried<Result>(
  read: () => Promise<Result>,
  { timeoutMs, onNote, signal }: RunToAudit,
): Promise<Result> {
  const startedMs = performance.now()
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (error instanceof LedgerError || signal.aborted || performance.now() - startedMs > timeoutMs) throw error
      onNote(`the database does not answer: ${error instanceof Error ? error.message : String(error)}`)
      await sleep(1_000, undefined, { signal }).catch(() => {})
    }
  }
}
