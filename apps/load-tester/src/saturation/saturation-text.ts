import { createLayout, type Layout } from '@outbox/service/text-layout'
import { latency, whole } from '../report/numbers.ts'
import type { Looks } from '../report/report-text.ts'
import type { SaturationReport, SaturationStep } from './saturation-report.ts'

/** The curve as a table and as a plot, and what is suggested. */
export function saturationText(report: SaturationReport, { width, paint }: Looks): string {
  const layout = createLayout(width)
  const steps = report.steps.toSorted((one, other) => one.rate - other.rate)
  const sections = [
    ['Rates', ...stepTable(steps, layout), ...whyNot(steps, layout)],
    ['End to end p99 by rate', ...plot(steps, width)],
    ...(report.trials.length === 0 ? [] : [['Batch sizes', ...stepTable(report.trials, layout)]]),
    ['What this system bears', ...conclusion(report, layout)],
  ]
  const [title, ...reasons] = [report.verdict.toUpperCase().replace('-', ' '), ...report.reasons]
  const verdict = [title ?? '', ...reasons.flatMap((reason) => layout.text(reason))]
  const colour = report.verdict === 'passed' ? 'green' : report.verdict === 'failed' ? 'red' : 'yellow'
  return `${[...sections, verdict]
    .map(([head = '', ...lines], index) => {
      const title = layout.text(head, 0).map((line) => paint('bold', line))
      return [...(index === sections.length ? title.map((line) => paint(colour, line)) : title), ...lines].join('\n')
    })
    .join('\n\n')}\n`
}

function stepTable(steps: readonly SaturationStep[], layout: Layout): string[] {
  const head = ['messages/s', 'batch', 'accept p99', 'end to end p50', 'p99', 'backlog', '']
  return layout.table(
    head,
    steps.map(({ rate, batchSize, acceptMs, endToEndMs, backlogPerSecond, holds }) => [
      whole(rate),
      whole(batchSize),
      latency(acceptMs.p99),
      latency(endToEndMs.p50),
      latency(endToEndMs.p99),
      `${backlogPerSecond > 0 ? '+' : ''}${whole(backlogPerSecond)}/s`,
      holds ? 'holds' : 'too much',
    ]),
  )
}

function whyNot(steps: readonly SaturationStep[], layout: Layout): string[] {
  return steps
    .filter(({ holds }) => !holds)
    .flatMap(({ rate, reasons }) => layout.text(`${whole(rate)}/s: ${reasons.join(', ')}.`))
}

const longestBar = 40

/** A bar a rate, as long as its p99. */
function plot(steps: readonly SaturationStep[], width: number): string[] {
  const names = steps.map(({ rate }) => `${whole(rate)}/s`)
  const nameWidth = Math.max(0, ...names.map(({ length }) => length))
  const valueWidth = Math.max(0, ...steps.map(({ endToEndMs }) => latency(endToEndMs.p99).length))
  const room = Math.min(longestBar, width - nameWidth - valueWidth - 6)
  const most = Math.max(...steps.map(({ endToEndMs }) => endToEndMs.p99))
  return steps.map(({ endToEndMs: { p99 }, holds }, index) => {
    const length = room < 4 ? 0 : Math.max(1, Math.round((p99 / most) * room))
    const bar = (holds ? '█' : '░').repeat(length)
    const parts = [names[index]?.padStart(nameWidth) ?? '', bar, latency(p99)]
    return `  ${parts.filter((part) => part !== '').join('  ')}`
  })
}

function conclusion({ highestRate, probe, suggestion }: SaturationReport, layout: Layout): string[] {
  if (highestRate === 0)
    return layout.text(`None of the rates held, though ${whole(probe.sentPerSecond)}/s were accepted in a closed loop.`)
  return [
    ...layout.pairs([
      ['Highest Rate', `${whole(highestRate)} messages/s`],
      ...(suggestion === null
        ? []
        : ([
            ['Suggested Rate', `${whole(suggestion.rate)} messages/s`],
            ['Suggested Batch Size', whole(suggestion.batchSize)],
            ['Suggested Concurrency', whole(suggestion.concurrency)],
          ] as const)),
    ]),
    ...layout.text(suggestion === null ? 'No batch size held at nine tenths of it.' : `Why: ${suggestion.why}.`),
  ]
}
