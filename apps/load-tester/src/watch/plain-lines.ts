import { duration, whole } from '../report/numbers.ts'
import { stillMs, stillText } from './panel-lines.ts'
import type { RunDisplay } from './run-display.ts'
import { type RunPace, settled } from './run-pace.ts'
import type { RunSample } from './run-sample.ts'

/** Somebody reads it as a log. */
const everyMs = 5_000

/** A line every 5 s, for a log. @param paceOf is told every sample */
export function createPlainLines(
  output: { write(text: string): unknown },
  paceOf: (sample: RunSample) => RunPace,
): RunDisplay {
  let shownMs = 0
  return {
    show(sample) {
      const pace = paceOf(sample)
      if (sample.atMs - shownMs < everyMs) return
      shownMs = sample.atMs
      output.write(`${plainLine(sample, pace)}\n`)
    },
    note: (text) => void output.write(`${text}\n`),
    end() {},
  }
}

/** How far a run is, in a line. */
export function plainLine(sample: RunSample, pace: RunPace): string {
  const { phase, messages, sent, failed, unknown, repeated, missedStarts, applied, waiting } = sample
  const left = pace.leftMs === undefined ? [] : [`${duration(pace.leftMs)} left`]
  const groups = Object.entries(applied).map(([group, count]) => `${group} ${whole(Math.max(sent - count, 0))}`)
  const behind = groups.length === 0 ? [] : [`behind: ${groups.join(', ')}`]
  if (phase !== 'sending') {
    const still = waiting === undefined || waiting.stillMs < stillMs ? [] : [stillText(waiting)]
    const rate = `${whole(pace.nowPerSecond)} messages/s applied`
    const what = phase === 'auditing' ? 'reading the ledger' : `${whole(sent)} sent, waiting for the effects, ${rate}`
    return [what, ...(phase === 'auditing' ? [] : left), ...behind, ...still].join('; ')
  }
  const share = ` of ${whole(messages ?? 0)} (${Math.floor((settled(sample) / (messages ?? 1)) * 100)} %)`
  const asides = [
    [failed, 'failed'],
    [unknown, 'unknown'],
    [repeated, 'sent again'],
    [missedStarts, 'late starts'],
  ] as const
  return [
    `sent ${whole(sent)}${messages === undefined ? '' : share}, ${whole(pace.nowPerSecond)} messages/s`,
    ...left,
    ...behind,
    ...asides.flatMap(([count, what]) => (count === 0 ? [] : [`${whole(count)} ${what}`])),
  ].join('; ')
}
