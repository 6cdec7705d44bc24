import type { RunSample } from './run-sample.ts'

/** How fast a run goes. */
export type RunPace = {
  /** Of what is under way: settled messages, or effects in the group that is last; 0 to 1. */
  share: number
  /** Messages a second since the sample before: sent, or applied by the group that is slowest. */
  nowPerSecond: number
  /** Messages sent a second since the start of the sending. */
  meanPerSecond: number
  /** Until all is sent, or has taken effect in every group; undefined while nothing moves. */
  leftMs: number | undefined
}

/** Samples that the time left is reckoned from: enough to be steady, few enough to follow a change. */
const window = 6

/** @returns a function that is told each sample in turn, and makes out the pace at that moment */
export function createRunPace(): (sample: RunSample) => RunPace {
  const recent: RunSample[] = []
  let sendingMs = 0
  return (sample) => {
    recent.push(sample)
    if (recent.length > window) recent.shift()
    const [first = sample, before = sample] = [recent[0], recent.at(-2)]
    if (sample.phase === 'sending' || sendingMs === 0) sendingMs = sample.atMs
    return {
      share: shareOf(sample),
      nowPerSecond: sample.phase === 'sending' ? perSecond(before, sample, sentIn) : slowest(before, sample),
      meanPerSecond: sendingMs === 0 ? 0 : (sample.sent / sendingMs) * 1_000,
      leftMs: sample.phase === 'sending' ? untilSent(first, sample) : untilApplied(first, sample),
    }
  }
}

const sentIn = ({ sent }: RunSample) => sent
const appliedBy = (group: string) => (sample: RunSample) => sample.applied[group] ?? 0

function slowest(before: RunSample, sample: RunSample): number {
  const rates = Object.keys(sample.applied).map((group) => perSecond(before, sample, appliedBy(group)))
  return rates.length === 0 ? 0 : Math.min(...rates)
}

/** Messages whose outcome is known. */
export function settled({ sent, failed, unknown }: Pick<RunSample, 'sent' | 'failed' | 'unknown'>): number {
  return sent + failed + unknown
}

function shareOf(sample: RunSample): number {
  const { phase, messages, lastsMs, sent, atMs, applied } = sample
  if (phase === 'sending') {
    if (messages !== undefined) return Math.min(settled(sample) / messages, 1)
    return lastsMs === undefined ? 0 : Math.min(atMs / lastsMs, 1)
  }
  return sent === 0 ? 1 : Math.min(...Object.values(applied).map((count) => count / sent), 1)
}

function untilSent(first: RunSample, sample: RunSample): number | undefined {
  const { messages, lastsMs, atMs } = sample
  if (lastsMs !== undefined) return Math.max(lastsMs - atMs, 0)
  return messages === undefined ? undefined : msFor(messages - settled(sample), perSecond(first, sample, settled))
}

function untilApplied(first: RunSample, sample: RunSample): number | undefined {
  const each = Object.entries(sample.applied).map(([group, count]) =>
    msFor(sample.sent - count, perSecond(first, sample, appliedBy(group))),
  )
  return each.reduce((most, ms) => (most === undefined || ms === undefined ? undefined : Math.max(most, ms)), 0)
}

function msFor(messages: number, perSecond: number): number | undefined {
  if (messages <= 0) return 0
  return perSecond === 0 ? undefined : (messages / perSecond) * 1_000
}

function perSecond(from: RunSample, to: RunSample, count: (sample: RunSample) => number): number {
  // The first sample stands for the time since the run's start.
  if (from === to) return to.atMs === 0 ? 0 : (count(to) / to.atMs) * 1_000
  return Math.max(((count(to) - count(from)) / (to.atMs - from.atMs)) * 1_000, 0)
}
