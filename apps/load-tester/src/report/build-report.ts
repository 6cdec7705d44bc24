import type { Findings, GroupFindings } from '../audit/audit-effects.ts'
import type { Found } from '../audit/found.ts'
import type { RunHead } from '../record/run-record.ts'
import type { Counts, RunTotals } from '../record/run-totals.ts'
import { type TesterFigures, whyTesterIsTheLimit } from '../watch/tester-limit.ts'
import type { Watched } from '../watch/watch-run.ts'
import { Latencies } from './latencies.ts'
import { latencyCurve } from './latency-curve.ts'
import { counted } from './numbers.ts'
import type { FaultReport, GroupReport, MessageFinding, ProducerReport, Report } from './report.ts'

/** What a report is made of. */
export type Reported = {
  head: RunHead
  totals: RunTotals
  findings: Findings
  /** By group. */
  explained: ReadonlyMap<string, MessageFinding[]>
  /** What was seen while it went on; undefined where nobody watched, as when it is audited again. */
  watched: Watched | undefined
  faults: FaultReport[]
  clocks: Report['clocks']
  interrupted: boolean
  finishedAtMs: number
}

/** The report of a run, and the verdict. */
export function buildReport(reported: Reported): Report {
  const { head, totals, findings, explained, watched, faults, clocks, interrupted, finishedAtMs } = reported
  const { counts } = totals
  const settledAtMs = totals.lastSettledAtMs()
  const durationMs = Math.max(settledAtMs - head.startedAtMs, 0)
  const { messages, stages, warmUpMs = 0 } = head.options
  const measuredMs = Math.max(durationMs - warmUpMs, 0)
  const perSecond = (messages: number) => (measuredMs === 0 ? 0 : Math.round(messages / (measuredMs / 1_000)))
  const missed = totals.missedStarts()
  const endToEnd = new Latencies()
  for (const group of findings.groups) endToEnd.merge(group.endToEnd)
  const reasons = reasonsOf(totals, findings, interrupted)
  if (interrupted)
    reasons.unshift(`interrupted: what has no effect yet may be on its way, "loadtest audit ${head.runId}" tells later`)

  return {
    runId: head.runId,
    scenario: head.scenario,
    startedAt: new Date(head.startedAtMs).toISOString(),
    finishedAt: new Date(finishedAtMs).toISOString(),
    options: head.options,
    totals: {
      messages: messages ?? counts.sent + counts.failed + counts.unknown,
      ...counts,
      successRate: successRate(counts),
      durationMs,
      throughputPerSecond: perSecond(totals.measured()),
    },
    batches: { count: totals.batches.count(), latencyMs: totals.batches.summary() },
    producers: head.producers.map((producer) => producerReport(producer, totals, perSecond)),
    latencyMs: {
      accept: totals.accept.summary(),
      publish: findings.publish.summary(),
      endToEnd: endToEnd.summary(),
    },
    groups: findings.groups.map((found) => groupReport(found, explained.get(found.group) ?? [])),
    drain: { durationMs: Math.max(Math.round(findings.lastAppliedAtMs - settledAtMs), 0) },
    load: {
      model: stages === undefined ? 'closed' : 'open',
      warmUpMs,
      missedStarts: missed.count,
      latestStartMs: Math.round(missed.latestMs),
    },
    curves: {
      accept: latencyCurve(totals.accept),
      publish: latencyCurve(findings.publish),
      endToEnd: Object.fromEntries(findings.groups.map(({ group, endToEnd }) => [group, latencyCurve(endToEnd)])),
    },
    clocks,
    timeline: watched?.timeline ?? [],
    resources: watched?.resources ?? [],
    ...(watched?.resourcesMissing !== undefined && { resourcesMissing: watched.resourcesMissing }),
    tester: testerReport(watched, { acceptP99Ms: totals.accept.summary().p99, sendingMs: durationMs }),
    faults,
    thresholds: [],
    verdict: interrupted ? 'interrupted' : reasons.length > 0 ? 'failed' : 'passed',
    reasons,
  }
}

function testerReport(
  watched: Watched | undefined,
  measured: Pick<TesterFigures, 'acceptP99Ms' | 'sendingMs'>,
): Report['tester'] {
  const tester = watched?.tester ?? { loopDelayP99Ms: 0, cpuShare: 0 }
  return { isTheLimit: whyTesterIsTheLimit({ ...tester, ...measured }) !== undefined, ...tester }
}

/** In percent, of the messages whose outcome was waited for. */
function successRate({ sent, failed, unknown }: Counts): number {
  const all = sent + failed + unknown
  return all === 0 ? 0 : (sent / all) * 100
}

function producerReport(
  { name, url, healthy, joinedAtMs }: RunHead['producers'][number],
  totals: RunTotals,
  perSecond: (messages: number) => number,
): ProducerReport {
  const part = totals.producers.get(name)
  const counts = { sent: part?.sent ?? 0, failed: part?.failed ?? 0, unknown: part?.unknown ?? 0 }
  return {
    name,
    url,
    healthy,
    ...(joinedAtMs !== undefined && { joinedAtMs }),
    ...counts,
    successRate: successRate(counts),
    throughputPerSecond: perSecond(part?.measured ?? 0),
    latencyMs: (part?.latencies ?? new Latencies()).summary(),
    errors: Object.fromEntries(part?.errors ?? []),
  }
}

function groupReport(found: GroupFindings, explained: MessageFinding[]): GroupReport {
  const { group: name, received, replayed, lost, duplicated, outOfOrder, corrupt, foreign, endToEnd } = found
  return {
    name,
    received,
    lost: lost.count,
    duplicated: duplicated.count,
    outOfOrder: outOfOrder.count,
    corrupt: corrupt.count,
    foreign: foreign.count,
    replayed,
    findings: explained,
    latencyMs: endToEnd.summary(),
  }
}

function reasonsOf({ counts, producers, details }: RunTotals, { groups }: Findings, interrupted: boolean): string[] {
  const reasons: string[] = []
  if (counts.failed > 0) reasons.push(`${counted(counts.failed, 'message')} not accepted`)
  if (counts.unknown > 0) reasons.push(`${counted(counts.unknown, 'message')} never settled: took effect once or never`)
  if (counts.failed + counts.unknown > 0) reasons.push(...errorsOf(producers, details))
  if (groups.length === 0) reasons.push('no consumer group is registered, so nobody can have received anything')
  for (const { group, lost, duplicated, outOfOrder, corrupt, foreign } of groups) {
    const found: [Found, string, string][] = [
      [lost, 'message', interrupted ? 'without effect' : 'lost'],
      [duplicated, 'effect', 'duplicated'],
      [outOfOrder, 'message', 'out of order'],
      [corrupt, 'effect', 'corrupt'],
      [foreign, 'effect', 'of what was never sent, or was refused'],
    ]
    for (const [{ count, examples }, what, how] of found) {
      if (count === 0) continue
      const more = count > examples.length ? ', …' : ''
      reasons.push(
        `${group}: ${counted(count, what)} ${how} (sequence ${examples.map(({ sequence }) => sequence).join(', ')}${more})`,
      )
    }
  }
  return reasons
}

function errorsOf(producers: RunTotals['producers'], details: RunTotals['details']): string[] {
  const codes = new Map<string, number>()
  for (const { errors } of producers.values())
    for (const [code, times] of errors) codes.set(code, (codes.get(code) ?? 0) + times)
  return [...codes].map(([code, times]) => `${code}, ${counted(times, 'time')}: ${details.get(code) ?? 'no detail'}`)
}
