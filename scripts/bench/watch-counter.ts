import { setTimeout as sleep } from 'node:timers/promises'

/** How an app's counter moved, and what CPU time its process took meanwhile. */
export type Progress = { messages: number; seconds: number; cpuSeconds: number }

type Sample = { count: number; atMs: number; cpuSeconds: number }

const pollMs = 400
const stillMs = 60_000

/**
 * Watches a counter in an app's `/metrics` until it says `until`.
 * @returns a sample a look, but for those before the counter moved and the last one, which came after the end
 * @throws when the counter goes back, as the app has started again then, or when it stands still for a minute
 */
export async function watchCounter(
  url: string,
  { counter, until, signal }: { counter: string; until: number; signal: AbortSignal },
): Promise<Sample[]> {
  const samples: Sample[] = []
  let last: Sample = { count: 0, atMs: performance.now(), cpuSeconds: 0 }
  for (;;) {
    const sample = await takeSample(url, counter, signal)
    if (sample.count >= until) return samples
    if (sample.count < last.count) throw new Error(`${url} was started again: see its log`)
    if (sample.count > last.count) last = sample
    if (sample.atMs - last.atMs > stillMs)
      throw new Error(`${counter} of ${url} stands still at ${last.count} of ${until}: see its log`)
    if (sample.count > 0) samples.push(sample)
    await sleep(pollMs, undefined, { signal })
  }
}

/**
 * From the first to the last of the samples.
 * @throws when they are too few to say anything
 */
export function progressOf(samples: readonly Sample[]): Progress {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || first.count === last.count)
    throw new Error('it was over too soon to be measured: give more --messages')
  return {
    messages: last.count - first.count,
    seconds: (last.atMs - first.atMs) / 1_000,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
  }
}

async function takeSample(url: string, counter: string, signal: AbortSignal): Promise<Sample> {
  const answer = await fetch(`${url}/metrics`, { signal })
  const text = await answer.text()
  const atMs = performance.now()
  return { count: metric(text, counter), atMs, cpuSeconds: metric(text, 'process_cpu_seconds_total') }
}

/** Of whatever labels: one app has each of these once. */
function metric(text: string, name: string): number {
  const line = text.split('\n').find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  if (line === undefined) throw new Error(`there is no metric ${name}`)
  return Number(line.slice(line.lastIndexOf(' ') + 1))
}
