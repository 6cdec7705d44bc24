import type { Report } from '../report/report.ts'
import { knownOptions } from './known-options.ts'

/** The command line that makes a run of the same shape; what is only true of this machine, as the URLs, isn't in it. */
export function writeCommandLine({ scenario, options, thresholds }: Report): string {
  const given = Object.entries(options).flatMap(([name, value]) => {
    const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    return Object.hasOwn(knownOptions, option) ? [`--${option} ${quoted(String(value))}`] : []
  })
  const kept = thresholds.map(({ expression }) => `--threshold ${quoted(expression)}`)
  return ['npm run loadtest --', scenario, ...given, ...kept].join(' ')
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w.,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
