import type { Stage } from '../plan/timetable.ts'
import type { Report } from '../report/report.ts'
import type { OptionName } from './known-options.ts'
import type { RunOptions } from './run-options.ts'

/** The command line that makes a run of the same shape; what is only true of this machine, as the URLs, isn't in it. */
export function writeCommandLine({ scenario, options, faults, thresholds }: Report): string {
  const given = Object.entries(shapeOf(options)).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(String(value))}`],
  )
  const injected = faults.map(({ fault }) => `--fault ${quoted(fault)}`)
  const kept = thresholds.map(({ expression }) => `--threshold ${quoted(expression)}`)
  return ['npm run loadtest --', scenario, ...given, ...injected, ...kept].join(' ')
}

function shapeOf(options: RunOptions): { [Name in OptionName]?: string | number | undefined } {
  const { messages, batchSize, concurrency, keys, keySkew, topic, payloadBytes, payloadBytesMax, payloads } = options
  const size = payloadBytesMax === undefined ? payloadBytes : `${payloadBytes}-${payloadBytesMax}`
  return {
    ...paceOf(options, messages),
    'batch-size': batchSize,
    concurrency,
    keys,
    'key-skew': keySkew,
    topic,
    ...(payloads === undefined ? { 'payload-bytes': size } : { payloads }),
    'warm-up': secondsOf(options.warmUpMs),
  }
}

function paceOf({ stages, durationMs }: RunOptions, messages: number | undefined) {
  const [first, ...more] = stages ?? []
  if (stages === undefined || first === undefined) return { messages, duration: secondsOf(durationMs) }
  if (more.length === 0 && first.fromPerSecond === first.toPerSecond) return { messages, rate: first.toPerSecond }
  const text = ({ durationMs, fromPerSecond, toPerSecond }: Stage) =>
    `${secondsOf(durationMs)}s:${fromPerSecond}${toPerSecond === fromPerSecond ? '' : `-${toPerSecond}`}`
  return { stages: stages.map(text).join() }
}

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w.,:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
