/** How far a clock is ahead of the tester's, and how far that may be off; negative: it is behind. */
export type ClockOffset = { offsetMs: number; uncertaintyMs: number }

/** A round trip may be slow by chance; one of several is quick. */
const samples = 9
/** `Date.now` leaves out what is beyond whole milliseconds: half of one, give or take as much. */
const halfGrainMs = 0.5

/**
 * Asks another clock several times. The quickest round trip says most: the other clock was read somewhere within it.
 * @param readMs the other clock, in ms since 1970
 * @param now the tester's clock; `elapsed`: a finer one, that may begin anywhere
 */
export async function measureClock(
  readMs: () => Promise<number>,
  { now, elapsed } = { now: Date.now, elapsed: () => performance.now() },
): Promise<ClockOffset> {
  let best: ClockOffset | undefined
  for (let sample = 0; sample < samples; sample += 1) {
    const beforeMs = now()
    const started = elapsed()
    const readAtMs = await readMs()
    const halfTripMs = (elapsed() - started) / 2
    const offset = readAtMs - (beforeMs + halfGrainMs + halfTripMs)
    if (best === undefined || halfTripMs + halfGrainMs < best.uncertaintyMs)
      best = { offsetMs: offset, uncertaintyMs: halfTripMs + halfGrainMs }
  }
  return best ?? { offsetMs: 0, uncertaintyMs: Number.POSITIVE_INFINITY }
}
