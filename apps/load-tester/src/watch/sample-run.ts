import type { EffectCounts } from '../audit/wait-for-effects.ts'
import type { RunTotals } from '../record/run-totals.ts'
import { Latencies } from '../report/latencies.ts'
import type { Report } from '../report/report.ts'
import type { SendState } from '../send/send-state.ts'
import type { SettledBatch } from '../send/settled-batch.ts'
import type { HopWatch } from './hops/watch-hops.ts'
import type { ProducerSample, RunSample } from './run-sample.ts'
import { measureTester } from './tester-load.ts'
import type { UsageMeter } from './usage/usage-meter.ts'

/** Where to look for how a run goes. */
export type SampledRun = {
  totals: RunTotals
  state: SendState
  /** How many messages there are to be, or how long is sent. */
  extent: Pick<RunSample, 'messages' | 'lastsMs'>
  /** Of a batch. */
  messagesOf: (batch: number) => number
  usage: UsageMeter
  /** Undefined where nobody shows them. */
  hops: HopWatch | undefined
}

/** Makes the samples of a run, one after the other. */
export type Sampler = {
  settled(batch: SettledBatch): void
  /** From now on the tester's load is that of the waiting and of the audit, which say nothing about the sending. */
  endSending(): void
  sample(state: { phase: RunSample['phase']; applied: EffectCounts; waiting: RunSample['waiting'] }): Promise<RunSample>
  end(): Promise<SampledLoad>
}

/** What the run as a whole has taken. */
export type SampledLoad = Pick<Report, 'resources' | 'resourcesMissing'> & {
  tester: Omit<Report['tester'], 'isTheLimit'>
}

/** The run's time begins now. */
export function createSampler({ totals, state, extent, messagesOf, usage, hops }: SampledRun): Sampler {
  const startedMs = performance.now()
  const tester = measureTester()
  let whileSending: ReturnType<typeof tester.total> | undefined
  let accepted = new Latencies()

  function endSending(): void {
    whileSending ??= tester.total()
  }
  return {
    endSending,
    settled({ outcome, latencyMs, batch }) {
      if (outcome === 'sent') accepted.add(latencyMs, messagesOf(batch))
    },
    async sample({ phase, applied, waiting }) {
      const used = await usage.sample()
      const accept = accepted.summary()
      accepted = new Latencies()
      const { sent, failed, unknown } = totals.counts
      return {
        atMs: Math.round(performance.now() - startedMs),
        phase,
        ...extent,
        ...{ sent, failed, unknown },
        ...{ inFlight: state.inFlight, repeated: state.repeated, missedStarts: totals.missedStarts().count },
        producers: producersOf(totals, state),
        applied: Object.fromEntries(applied),
        ...(waiting !== undefined && phase === 'applying' && { waiting }),
        latencyMs: { accept, ...hops?.latest() },
        usage: used,
        tester: tester.sample(),
      }
    },
    async end() {
      endSending()
      tester.end()
      await Promise.all([hops?.end(), usage.close()])
      return {
        resources: usage.report(totals.counts.sent),
        ...(usage.missing !== undefined && { resourcesMissing: usage.missing }),
        tester: whileSending ?? { loopDelayP99Ms: 0, cpuShare: 0 },
      }
    },
  }
}

function producersOf({ producers }: RunTotals, { circuits }: SendState): ProducerSample[] {
  const circuitOf = new Map(circuits().map(({ name, circuit }) => [name, circuit]))
  // What was given up before any producer had it is nobody's.
  const named = [...producers].filter(([name]) => name !== '')
  return named.map(([name, { sent, failed, unknown, errors }]) => ({
    name,
    circuit: circuitOf.get(name) ?? 'closed',
    ...{ sent, failed, unknown },
    errors: [...errors.values()].reduce((sum, times) => sum + times, 0),
  }))
}
