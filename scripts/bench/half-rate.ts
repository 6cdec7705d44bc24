import type { Bench } from './benchmark.ts'
import { type LatencyPath, openLatencyPath } from './latency-path.ts'
import { type Measured, percentile } from './measured.ts'

/** In transactions of so many, it is not the appends that limit the rate. */
const perTransaction = 10
const firstRate = 8_000
/** After the rate that is too much is known within a factor of two: to about 6 %. */
const bisections = 4
const trialSeconds = 5
const measuredSeconds = 20
/** At 5 % more than can be sustained, the end of a trial is so late. */
const lateMs = 250

/** From the append to a consumer at half of the highest rate at which no backlog grows. */
export async function halfRate(bench: Bench): Promise<Measured[]> {
  const { report } = bench
  await using path = await openLatencyPath(bench)
  await path.send({ messages: firstRate, perSecond: firstRate / 2, perTransaction })
  const highest = await highestRate(path, report)
  const perSecond = highest / 2
  const messages = bench.messages ?? Math.round(perSecond * measuredSeconds)
  const latenciesMs = await path.send({ messages, perSecond, perTransaction })
  const at = (share: number) => percentile(latenciesMs, share)
  report(`half rate: at ${shown(perSecond)}/s p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`)
  const benchmark = 'half-rate'
  return [
    { benchmark, figure: 'highest rate without a backlog', value: highest, unit: 'messages/s' },
    { benchmark, figure: 'append → consumer at half of it, p50', value: at(0.5), unit: 'ms' },
    { benchmark, figure: 'append → consumer at half of it, p99', value: at(0.99), unit: 'ms', aim: { atMost: 100 } },
  ]
}

/** Doubles the rate until it is too much, then halves the interval in which the highest one lies. @returns messages a second */
async function highestRate(path: LatencyPath, report: Bench['report']): Promise<number> {
  let [kept, tooMuch] = [0, firstRate]
  // A machine that others use has its moments: too much is what is too much twice.
  const isKept = async (rate: number) => (await keepsUp(path, rate, report)) || (await keepsUp(path, rate, report))
  while (await isKept(tooMuch)) [kept, tooMuch] = [tooMuch, tooMuch * 2]
  for (let step = 0; step < bisections; step++) {
    const middle = (kept + tooMuch) / 2
    if (await isKept(middle)) kept = middle
    else tooMuch = middle
  }
  return kept
}

/** Where more is appended than gets through, what comes last has waited for as long as the backlog has grown. */
async function keepsUp(path: LatencyPath, perSecond: number, report: Bench['report']): Promise<boolean> {
  const latenciesMs = await path.send({ messages: perSecond * trialSeconds, perSecond, perTransaction })
  const endMs = percentile(latenciesMs.slice(-Math.ceil(latenciesMs.length / 10)), 0.5)
  report(`half rate: at ${shown(perSecond)}/s the end was ${endMs.toFixed(0)} ms late`)
  return endMs <= lateMs
}

function shown(rate: number): string {
  return Math.round(rate).toLocaleString('en')
}
