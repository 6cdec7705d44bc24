import { createLayout } from '@outbox/service/text-layout'
import type { Report } from '../report/report.ts'
import type { Looks } from '../report/report-text.ts'
import type { Comparison, Outcome } from './compare-reports.ts'

const colours = { better: 'green', worse: 'red', unclear: 'yellow' } as const
const outcomes = ['better', 'worse', 'unclear'] as const satisfies readonly Outcome[]

/** What differs between two runs: first in what they were asked to do, then in what came of it. */
export function comparisonText(
  { first, second, comparisons }: { first: Report; second: Report; comparisons: readonly Comparison[] },
  { width, paint }: Looks,
): string {
  const layout = createLayout(width)
  const options = differentOptions(first, second)
  const rows = comparisons.map(rowOf)
  const lines = [
    paint('bold', 'Runs'),
    ...layout.pairs(
      [first, second].map(({ runId, startedAt, verdict }, index) => [
        `${'AB'[index]}  ${runId}`,
        `${startedAt}  ${verdict}`,
      ]),
    ),
    '',
    paint('bold', 'Different options'),
    ...(options.length === 0 ? layout.text('none') : layout.pairs(options).map((line) => paint('yellow', line))),
    '',
    paint('bold', 'From A to B'),
    ...layout.table(['', 'A', 'B', 'difference', 'noise', ''], rows).map((line) => {
      const outcome = outcomes.find((outcome) => line.endsWith(outcome))
      return outcome === undefined ? line : paint(colours[outcome], line)
    }),
    ...layout.text(
      'noise: how far the figures of two runs that are alike differ, in 99 of 100 cases, by what each of them varied over its own time; at least 1 %. ' +
        'It knows nothing of what changes between runs, such as a colder cache or a busier machine: compare several.',
    ),
    ...(comparisons.some(({ outcome }) => outcome === 'unclear')
      ? layout.text(
          'unclear: a run was too short for its noise to be known; let both last half a minute (--duration 30).',
        )
      : []),
  ]
  return `${lines.join('\n')}\n`
}

function rowOf({ metric, unit, first, second, band, outcome }: Comparison): string[] {
  const written = (value: number | undefined) => (value === undefined ? '–' : `${figure(value)} ${unit}`)
  const share = (value: number) =>
    first === undefined || first === 0 ? '–' : `${((value / Math.abs(first)) * 100).toFixed(1)} %`
  const difference = first === undefined || second === undefined ? undefined : second - first
  return [
    metric,
    written(first),
    written(second),
    difference === undefined ? '–' : `${difference > 0 ? '+' : ''}${share(difference)}`,
    band === undefined ? '–' : `±${share(band)}`,
    outcome,
  ]
}

/** Four digits are more than the noise leaves. */
function figure(value: number): string {
  return value.toLocaleString('en', value >= 1_000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 })
}

function differentOptions(first: Report, second: Report): (readonly [name: string, change: string])[] {
  const [before, after] = [first, second].map(({ scenario, load, options, faults }) => ({
    scenario,
    model: load.model,
    ...options,
    ...(faults.length > 0 && { faults: faults.map(({ fault }) => fault) }),
  }))
  const names = new Set(Object.keys({ ...before, ...after }))
  return [...names].flatMap((name) => {
    const [from, to] = [before, after].map((options) => JSON.stringify(Reflect.get(options ?? {}, name)) ?? 'not given')
    return from === to ? [] : [[name, `${from} → ${to}`] as const]
  })
}
