/** A figure of a benchmark, and what it should be: at least, at most, or between. NaN where this system can't tell it. */
export type Measured = {
  benchmark: string
  figure: string
  value: number
  unit: string
  aim?: { atLeast?: number; atMost?: number }
}

/** The figures as a table of aligned text. */
export function measuredTable(figures: readonly Measured[]): string {
  const rows = figures.map(({ benchmark, figure, value, unit, aim }) => [
    benchmark,
    figure,
    Number.isNaN(value) ? 'not known here' : `${rounded(value)} ${unit}`.trimEnd(),
    aim === undefined ? '' : aimText(aim),
    aim === undefined || Number.isNaN(value) ? '' : isReached(value, aim) ? 'reached' : 'missed',
  ])
  const head = ['benchmark', 'figure', 'measured', 'aim', '']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  const rule = widths.map((width) => '-'.repeat(width))
  return [head, rule, ...rows].map((row) => line(row).trimEnd()).join('\n')
}

/** The middle one; of an even count the lower of the two. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The smallest value that at least `share` (0 to 1) of the values don't exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN
}

type Aim = NonNullable<Measured['aim']>

function aimText({ atLeast, atMost }: Aim): string {
  if (atLeast !== undefined && atMost !== undefined) return `${rounded(atLeast)} to ${rounded(atMost)}`
  return atLeast === undefined ? `≤ ${rounded(atMost ?? Number.NaN)}` : `≥ ${rounded(atLeast)}`
}

function isReached(value: number, { atLeast = -Infinity, atMost = Infinity }: Aim): boolean {
  return value >= atLeast && value <= atMost
}

/** Three digits, or whole numbers. */
function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
