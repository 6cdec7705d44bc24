import { metrics } from '../report/metrics.ts'
import type { Report } from '../report/report.ts'
import { type ComparedFigure, comparedFigures } from './compared-figures.ts'
import { certaintyOf, noiseBand } from './noise-band.ts'

/** What became of a figure from the first run to the second; `unclear`: a run is too short to know its noise. */
export type Outcome = 'better' | 'worse' | 'within noise' | 'unclear' | 'not measured'

/** A figure of two runs. `band`: how far they may differ by chance; undefined where that isn't known. */
export type Comparison = {
  metric: string
  unit: string
  first: number | undefined
  second: number | undefined
  band: number | undefined
  outcome: Outcome
}

/** Nobody acts on a smaller difference, and no clock is good for it. */
const leastShare = 0.01

/** Compares each figure. Swapped reports make `better` of `worse`, and change nothing else. */
export function compareReports(first: Report, second: Report): Comparison[] {
  return comparedFigures.map((figure) => compare(figure, first, second))
}

function compare(figure: ComparedFigure, one: Report, other: Report): Comparison {
  const { metric, unit } = figure
  const read = metrics.get(metric)?.read
  const [first, second] = [read?.(one), read?.(other)]
  if (first === undefined || second === undefined)
    return { metric, unit, first, second, band: undefined, outcome: 'not measured' }
  const band = bandOf(figure, { report: one, value: first }, { report: other, value: second })
  return { metric, unit, first, second, band, outcome: outcomeOf(figure, second - first, band) }
}

type Measured = { report: Report; value: number }

function bandOf({ overTime }: ComparedFigure, one: Measured, other: Measured): number | undefined {
  if (overTime === undefined) return 0
  const [first, second] = [certaintyOf(overTime(one.report)), certaintyOf(overTime(other.report))]
  if (first === undefined || second === undefined) return undefined
  const least = leastShare * Math.max(Math.abs(one.value), Math.abs(other.value))
  return Math.max(noiseBand({ value: one.value, ...first }, { value: other.value, ...second }), least)
}

function outcomeOf({ better }: ComparedFigure, difference: number, band: number | undefined): Outcome {
  if (Math.abs(difference) <= (band ?? 0)) return 'within noise'
  if (band === undefined) return 'unclear'
  return difference > 0 === (better === 'more') ? 'better' : 'worse'
}
