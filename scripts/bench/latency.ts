import type { Bench } from './benchmark.ts'
import { measureLatency } from './measure-latency.ts'
import { type Measured, percentile } from './measured.ts'

/** One-row transactions on a timetable: from the moment that one is due until a consumer sees its message. */
export async function latency(bench: Bench): Promise<Measured[]> {
  const { latenciesMs, relayCpuMicros } = await measureLatency(bench, [{ messages: bench.messages ?? 30_000 }])
  const at = (share: number) => percentile(latenciesMs[0] ?? [], share)
  bench.report(`latency: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, p99.9 ${at(0.999).toFixed(1)} ms`)
  const benchmark = 'latency'
  return [
    { benchmark, figure: 'append → consumer, p50', value: at(0.5), unit: 'ms', aim: { atMost: 8 } },
    { benchmark, figure: 'append → consumer, p99', value: at(0.99), unit: 'ms', aim: { atMost: 30 } },
    { benchmark, figure: 'append → consumer, p99.9', value: at(0.999), unit: 'ms' },
    { benchmark, figure: 'CPU of the relay', value: relayCpuMicros, unit: 'µs/message' },
  ]
}
