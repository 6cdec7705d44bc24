import { toThousandths } from '../../report/numbers.ts'
import type { ResourceReport } from '../../report/report.ts'
import type { UsageSample } from '../run-sample.ts'
import type { FoundUsage } from './find-usage.ts'
import type { UsageReading } from './usage-reader.ts'

/** What the parts of the system use from the run's start on. */
export type UsageMeter = {
  sample(): Promise<UsageSample[]>
  /** Up to what was sampled last. @param sent messages */
  report(sent: number): ResourceReport[]
  /** Why something is missing, in a sentence; undefined where nothing is. */
  missing: string | undefined
  close(): Promise<void>
}

type Meter = { reading: UsageReading; cpuMs: number; peakBytes: number }

/** Begins to measure: what was used before does not count. */
export async function startUsageMeter(
  { read, missing, close }: FoundUsage,
  now: () => number = () => performance.now(),
): Promise<UsageMeter> {
  const meters = new Map<string, Meter>()
  for (const reading of await read()) meters.set(reading.name, { reading, cpuMs: 0, peakBytes: reading.memoryBytes })
  let lastMs = now()

  return {
    missing,
    close,
    async sample() {
      const readings = await read()
      const sinceMs = now() - lastMs
      lastMs += sinceMs
      return readings.map((reading) => {
        const { name, part, memoryBytes } = reading
        const before = meters.get(name)
        const usedMs = usedSince(before?.reading, reading)
        const cpuMs = (before?.cpuMs ?? 0) + usedMs
        meters.set(name, { reading, cpuMs, peakBytes: Math.max(before?.peakBytes ?? 0, memoryBytes) })
        return { name, part, cpuMs, cpuShare: sinceMs === 0 ? 0 : toThousandths(usedMs / sinceMs), memoryBytes }
      })
    },
    report: (sent) =>
      [...meters.values()].map(({ reading: { name, part }, cpuMs, peakBytes }) => ({
        name,
        part,
        cpuMs: Math.round(cpuMs),
        cpuUsPerMessage: sent === 0 ? 0 : toThousandths((cpuMs * 1_000) / sent),
        peakMemoryBytes: peakBytes,
      })),
  }
}

/** What was started anew has used all that its counter says; what its predecessor used after it was last read is lost. */
function usedSince(before: UsageReading | undefined, now: UsageReading): number {
  if (before?.incarnation !== now.incarnation) return now.cpuMs
  // A child that ends between two looks at it is missing for a moment, until its parent has been told.
  return Math.max(now.cpuMs - before.cpuMs, 0)
}
