import type { TimelinePoint } from '../report/report.ts'
import type { RunSample } from './run-sample.ts'

/** A run over time in bounded memory. */
export type Timeline = { add(sample: RunSample): void; points(): TimelinePoint[] }

/** A point, and the part of the run that it stands for. */
type Stretch = { point: TimelinePoint; sent: number; ms: number; samples: number }

/**
 * Keeps at most `most` points, the first and the last sample's among them: whenever there are more, each two that follow
 * each other become one, and from then on twice as many samples make a point. A point's latencies are those of its
 * own stretch: its max is exact, its p99 the worst that any part of it had, its p50 the mean of the parts' ones by what
 * was sent in each. So a stall stays visible however long the run gets.
 */
export function createTimeline(most = 600): Timeline {
  let stretches: Stretch[] = []
  let open: Stretch | undefined
  let samplesEach = 1

  function close(): void {
    if (open === undefined) return
    stretches.push(open)
    open = undefined
    // One place is for the stretch that is open.
    if (stretches.length < most) return
    const [first, ...rest] = stretches
    stretches = first === undefined ? [] : [first]
    for (let index = 0; index + 1 < rest.length; index += 2)
      stretches.push(joined(rest[index] as Stretch, rest[index + 1] as Stretch))
    if (rest.length % 2 === 1) open = rest.at(-1)
    samplesEach *= 2
  }

  let last: Pick<RunSample, 'sent' | 'atMs'> = { sent: 0, atMs: 0 }
  return {
    add(sample) {
      const stretch = { point: pointOf(sample), sent: sample.sent - last.sent, ms: sample.atMs - last.atMs, samples: 1 }
      last = sample
      open = open === undefined ? stretch : joined(open, stretch)
      if (stretches.length === 0 || open.samples >= samplesEach) close()
    },
    points: () => [...stretches, ...(open === undefined ? [] : [open])].map(({ point }) => point),
  }
}

function pointOf({ latencyMs, usage, ...sample }: RunSample): TimelinePoint {
  const { atMs, sent, failed, unknown, inFlight, missedStarts, applied } = sample
  const { p50, p99, max } = latencyMs.accept
  return {
    ...{ atMs, sent, failed, unknown, inFlight, missedStarts, applied },
    acceptMs: { p50, p99, max },
    usage: Object.fromEntries(usage.map(({ name, cpuShare, memoryBytes }) => [name, { cpuShare, memoryBytes }])),
  }
}

function joined(before: Stretch, after: Stretch): Stretch {
  const [one, other] = [before.point, after.point]
  return {
    point: {
      ...other,
      acceptMs: {
        p50: meanOf(one.acceptMs.p50, other.acceptMs.p50, before.sent, after.sent),
        p99: Math.max(one.acceptMs.p99, other.acceptMs.p99),
        max: Math.max(one.acceptMs.max, other.acceptMs.max),
      },
      usage: joinedUsage(before, after),
    },
    sent: before.sent + after.sent,
    ms: before.ms + after.ms,
    samples: before.samples + after.samples,
  }
}

/** Shares as they were on average, memory as it was at most; what is in one of the two only stays as it is. */
function joinedUsage(before: Stretch, after: Stretch): TimelinePoint['usage'] {
  const [earlier, later] = [before.point.usage, after.point.usage]
  const usage = { ...earlier, ...later }
  for (const name of Object.keys(usage)) {
    const [one, other] = [earlier[name], later[name]]
    if (one === undefined || other === undefined) continue
    const cpuShare = meanOf(one.cpuShare, other.cpuShare, before.ms, after.ms)
    usage[name] = { cpuShare, memoryBytes: Math.max(one.memoryBytes, other.memoryBytes) }
  }
  return usage
}

function meanOf(one: number, other: number, weight: number, otherWeight: number): number {
  const all = weight + otherWeight
  return all === 0 ? other : (one * weight + other * otherWeight) / all
}
