import { UsageError } from '../command-line/usage-error.ts'
import { latencyFigures } from './latencies.ts'
import { auditedNames, findMetric, hopNames, metrics } from './metrics.ts'
import type { Report, ThresholdReport } from './report.ts'

/** What a run must keep to, as it was written and as it is read. */
export type Threshold = { expression: string; metric: string; operator: Operator; limit: number }

const operators = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '==': (value: number, limit: number) => value === limit,
  '!=': (value: number, limit: number) => value !== limit,
} as const
type Operator = keyof typeof operators

/**
 * Reads `endToEnd.p99<250`.
 * @throws {UsageError} that names what is wrong with it, and what is known
 */
export function readThreshold(expression: string): Threshold {
  const wrong = (why: string) => new UsageError(`--threshold ${expression}: ${why}`)
  const [, metric = '', operator = '', number = ''] = /^\s*([^<>=!\s]+)\s*([<>=!]+)\s*(.*?)\s*$/.exec(expression) ?? []
  if (metric === '') throw wrong('write a metric, an operator and a number, such as lost==0 or endToEnd.p99<250.')
  if (findMetric(metric) === undefined) throw wrong(`${metric} is no metric. Known: ${knownMetrics()}.`)
  if (!isOperator(operator)) throw wrong(`${operator} is no operator. Known: ${Object.keys(operators).join(' ')}.`)
  if (!/^-?[0-9]{1,15}(\.[0-9]{1,9})?$/.test(number))
    throw wrong(
      `${number === '' ? 'the number is missing' : `${number} is no number`}: give digits alone, such as 99.9.`,
    )
  return { expression, metric, operator, limit: Number(number) }
}

/** Every metric, as a sentence; those that differ in their last part alone are told together. */
export function knownMetrics(): string {
  const single = [...metrics.keys()].filter((name) => !name.includes('.') && !auditedNames.includes(name))
  return [
    `${auditedNames.join(', ')} (of all groups, or of one: group-a.lost)`,
    `${hopNames.join(', ')} with ${latencyFigures.map((name) => `.${name}`).join(' ')}`,
    single.join(', '),
  ].join('; ')
}

/** The report with what became of the thresholds. One that is missed turns a verdict of `passed`, no other. */
export function judge(report: Report, thresholds: readonly Threshold[]): Report {
  const checked = thresholds.map((threshold) => check(report, threshold))
  const reasons = checked.filter(({ passed }) => !passed).map(reasonOf)
  return {
    ...report,
    thresholds: checked,
    verdict: report.verdict === 'passed' && reasons.length > 0 ? 'threshold-missed' : report.verdict,
    reasons: [...report.reasons, ...reasons],
  }
}

function check(report: Report, { expression, metric, operator, limit }: Threshold): ThresholdReport {
  const value = findMetric(metric)?.read(report)
  if (value === undefined) return { expression, value: null, passed: false }
  return { expression, value, passed: operators[operator](value, limit) }
}

function reasonOf({ expression, value }: ThresholdReport): string {
  return `${expression} is missed: ${value === null ? 'it was not measured' : `it is ${value}`}`
}

function isOperator(text: string): text is Operator {
  return Object.hasOwn(operators, text)
}
