import { createLayout, type Layout } from '@outbox/service/text-layout'
import type { RunHead } from '../record/run-record.ts'
import { findingLines } from './finding-lines.ts'
import type { LatencySummary } from './latencies.ts'
import { counted, duration, latency, percent, whole } from './numbers.ts'
import type { Report } from './report.ts'
import { resourceLines } from './resource-lines.ts'

/** Colours of a terminal; plain text where there is none, or `NO_COLOR` is set. */
export type Paint = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string

/** How a text is to look. */
export type Looks = { width: number; paint: Paint }

type Page = { layout: Layout; paint: Paint }

/** What is said before the first message is sent. `notes`: what was found out about the options. */
export function startText(head: RunHead, notes: readonly string[], { width, paint }: Looks): string {
  const { options, producers } = head
  const layout = createLayout(width)
  const page = { layout, paint }
  const healthy = producers.filter((producer) => producer.healthy)
  const names = Math.max(...producers.map(({ name }) => name.length))
  const health = producers.flatMap(({ name, url, healthy, reason }) => {
    const mark = `${healthy ? '✔' : '✘'} ${name.padEnd(names)}`
    const lines = layout.pairs([[mark, reason === undefined ? url : `${url}  ${reason}`]])
    return lines.map((line) => paint(healthy ? 'green' : 'red', line))
  })
  return join([
    section(page, `Load test ${head.scenario}, run ${head.runId}`, []),
    section(page, 'Configuration', [
      ...layout.pairs([
        ['Total Messages', whole(options.messages)],
        ['Batch Size', whole(options.batchSize)],
        ['Max Concurrency', whole(options.concurrency)],
        ['Target Topic', options.topic],
        ['Keys', whole(options.keys)],
        ['Payload', `${whole(options.payloadBytes)} bytes`],
        ['Producers', `${healthy.length} of ${producers.length}`],
      ]),
      ...notes.flatMap((note) => layout.text(note)).map((line) => paint('yellow', line)),
    ]),
    section(page, 'Producer health', health),
  ])
}

/** What is said at the end. */
export function endText(report: Report, { width, paint }: Looks): string {
  const { totals } = report
  const layout = createLayout(width)
  const page = { layout, paint }
  const findings = findingLines(report, layout)
  const resources = resourceLines(report, layout)
  return join([
    section(
      page,
      'Final statistics',
      layout.pairs([
        ['Total Messages', whole(totals.messages)],
        ['Messages Sent', whole(totals.sent)],
        ['Messages Failed', whole(totals.failed)],
        ...(totals.unknown > 0 ? [['Messages Unknown', whole(totals.unknown)] as const] : []),
        ['Success Rate', percent(totals.successRate)],
        ['Total Duration', duration(totals.durationMs)],
        ['Average Throughput', `${whole(totals.throughputPerSecond)} messages/s`],
      ]),
    ),
    section(page, 'Statistics by producer', producerLines(report, layout)),
    section(page, 'Latencies', latencyLines(report, layout)),
    ...(resources.length === 0 ? [] : [section(page, 'Resources', resources)]),
    section(page, 'Audit by group', groupLines(report, layout)),
    ...(findings.length === 0 ? [] : [section(page, 'Findings', findings)]),
    verdictLines(report, layout, paint),
  ])
}

function join(sections: readonly (readonly string[])[]): string {
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function section({ layout, paint }: Page, title: string, lines: readonly string[]): string[] {
  return [...layout.text(title, 0).map((line) => paint('bold', line)), ...lines]
}

function producerLines({ producers }: Report, layout: Layout): string[] {
  const used = producers.filter(({ healthy }) => healthy)
  const head = ['', 'sent', 'failed', 'unknown', 'success', 'messages/s', 'p50', 'p99', 'max']
  const rows = used.map(({ name, sent, failed, unknown, successRate, throughputPerSecond, latencyMs }) => [
    name,
    whole(sent),
    whole(failed),
    whole(unknown),
    percent(successRate),
    whole(throughputPerSecond),
    ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map(latency),
  ])
  const errors = used.flatMap(({ name, errors }) => {
    const list = Object.entries(errors).map(([code, times]) => `${code} × ${whole(times)}`)
    return list.length === 0 ? [] : layout.text(`Errors of ${name}: ${list.join(', ')}`)
  })
  return [...layout.table(head, rows), ...errors]
}

function latencyLines({ latencyMs, batches }: Report, layout: Layout): string[] {
  const row = (name: string, { min, mean, p50, p90, p99, p999, max }: LatencySummary) => [
    name,
    ...[min, mean, p50, p90, p99, p999, max].map((ms) => (max === 0 ? '–' : latency(ms))),
  ]
  return [
    ...layout.table(
      ['', 'min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'],
      [
        row('accept', latencyMs.accept),
        row('publish', latencyMs.publish),
        row('end to end', latencyMs.endToEnd),
        row('a batch', batches.latencyMs),
      ],
    ),
    ...layout.text(
      'accept: from the send to the 202. publish: from the append to Kafka. end to end: from the send to the effect. ' +
        `A batch: as accept, but each of the ${whole(batches.count)} requests counts once.`,
    ),
  ]
}

function groupLines({ groups, drain }: Report, layout: Layout): string[] {
  const someReplayed = replayedIn(groups) > 0
  const found = [
    'received',
    'lost',
    'duplicated',
    'out of order',
    'corrupt',
    'foreign',
    ...(someReplayed ? ['replayed'] : []),
  ]
  const head = ['', ...found, 'p50', 'p99']
  const rows = groups.map(({ name, received, lost, duplicated, outOfOrder, corrupt, foreign, replayed, latencyMs }) => [
    name,
    ...[received, lost, duplicated, outOfOrder, corrupt, foreign, ...(someReplayed ? [replayed] : [])].map(whole),
    ...[latencyMs.p50, latencyMs.p99].map(latency),
  ])
  return [
    ...(rows.length === 0 ? layout.text('no group') : layout.table(head, rows)),
    ...(groups.some(({ received }) => received > 0)
      ? layout.text(`The last effect came ${duration(drain.durationMs)} after the last answer.`)
      : []),
  ]
}

function replayedIn(groups: Report['groups']): number {
  return groups.reduce((sum, { replayed }) => sum + replayed, 0)
}

const verdicts = { passed: 'green', failed: 'red', 'threshold-missed': 'red', interrupted: 'yellow' } as const

function verdictLines({ verdict, reasons, groups, totals }: Report, layout: Layout, paint: Paint): string[] {
  const replayed = replayedIn(groups)
  const aside = replayed === 0 ? '' : `, ${counted(replayed, 'replayed effect')} left aside`
  const proof = `${counted(totals.sent, 'message')} took effect exactly once in each of ${counted(groups.length, 'group')}, in the order of their keys${aside}.`
  const said = verdict === 'passed' ? [proof] : reasons
  return [
    paint(verdicts[verdict], paint('bold', verdict.replace('-', ' ').toUpperCase())),
    ...said.flatMap((sentence) => layout.text(sentence)),
  ]
}
