import type { Bench } from './benchmark.ts'
import { type Drained, drainOutbox } from './drain-outbox.ts'
import type { Measured } from './measured.ts'

/**
 * One relay drains a backlog, and one ten times as large: a message costs the same, whatever waits behind it. The small one is
 * drained before and after the large one, so that a machine that gets faster or slower meanwhile does so for both.
 */
export async function backlog(bench: Bench): Promise<Measured[]> {
  const { messages = 10_000_000, report } = bench
  const drain = async (size: number) => {
    const drained = await drainOutbox(bench, { messages: size, warmUp: Math.ceil(messages / 25) })
    const { rate, cpuMicros, megabytes } = drained
    const each = `${cpuMicros.toFixed(1)} µs of CPU, ${megabytes.toFixed(0)} MB`
    report(`backlog of ${shown(size)}: ${shown(rate)}/s, ${each}`)
    return drained
  }
  const tenth = Math.ceil(messages / 10)
  const before = await drain(tenth)
  const large = await drain(messages)
  const small = mean(before, await drain(tenth))
  const figures = (drained: Drained, size: number): Measured[] => [
    { benchmark, figure: `rate, ${shown(size)}`, value: drained.rate, unit: 'messages/s' },
    { benchmark, figure: `CPU of the relay, ${shown(size)}`, value: drained.cpuMicros, unit: 'µs/message' },
    { benchmark, figure: `the relay's memory at its peak, ${shown(size)}`, value: drained.megabytes, unit: 'MB' },
  ]
  const ratio = (what: keyof Drained) => ({ value: large[what] / small[what], unit: '', aim })
  return [
    ...figures(small, tenth),
    ...figures(large, messages),
    { benchmark, figure: 'rate, the large one by the small one', ...ratio('rate') },
    { benchmark, figure: 'CPU, the large one by the small one', ...ratio('cpuMicros') },
    { benchmark, figure: 'memory, the large one by the small one', ...ratio('megabytes') },
  ]
}

const benchmark = 'backlog'
const aim = { atLeast: 0.9, atMost: 1.1 }

function mean(one: Drained, other: Drained): Drained {
  const of = (what: keyof Drained) => (one[what] + other[what]) / 2
  return { rate: of('rate'), cpuMicros: of('cpuMicros'), megabytes: of('megabytes') }
}

function shown(count: number): string {
  return Math.round(count).toLocaleString('en')
}
