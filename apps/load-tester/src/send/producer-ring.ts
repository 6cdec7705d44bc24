/** Takes turns among producers, and lets those rest that fail. */
export type ProducerRing<Producer> = {
  /**
   * @param not the producer that the same batch was just sent to: another one is preferred
   * @returns undefined while every producer rests: ask again in a moment
   */
  next(not?: Producer): Producer | undefined
  succeeded(producer: Producer): void
  failed(producer: Producer, retryAfterMs?: number): void
}

/** `probeMs`: for how long a rested producer that is being tried again is left alone by everybody else. */
export type RestBounds = { firstMs: number; ceilingMs: number; probeMs: number }

/**
 * A producer rests for longer each time it fails in a row, and at least as long as it asks for. Then one batch tries
 * it; only when that is answered well does it get its turns again. So a producer that hangs holds up one batch at a
 * time, not all of them.
 * @param now milliseconds
 */
export function createProducerRing<Producer>(
  producers: readonly Producer[],
  { firstMs, ceilingMs, probeMs }: RestBounds,
  now: () => number = () => performance.now(),
): ProducerRing<Producer> {
  const rests = new Map(producers.map((producer) => [producer, { failures: 0, untilMs: 0 }]))
  let turn = 0

  const restOf = (producer: Producer) => rests.get(producer) ?? { failures: 0, untilMs: 0 }

  function awake(not: Producer | undefined): Producer | undefined {
    for (let step = 0; step < producers.length; step += 1) {
      const producer = producers[(turn + step) % producers.length]
      if (producer === undefined || producer === not || restOf(producer).untilMs > now()) continue
      turn = (turn + step + 1) % producers.length
      return producer
    }
    return undefined
  }

  return {
    next(not) {
      const producer = awake(not) ?? awake(undefined)
      if (producer === undefined) return undefined
      const { failures } = restOf(producer)
      if (failures > 0) rests.set(producer, { failures, untilMs: now() + probeMs })
      return producer
    },
    succeeded(producer) {
      rests.set(producer, { failures: 0, untilMs: 0 })
    },
    failed(producer, retryAfterMs = 0) {
      const failures = restOf(producer).failures + 1
      const restMs = Math.max(Math.min(firstMs * 2 ** (failures - 1), ceilingMs), retryAfterMs)
      rests.set(producer, { failures, untilMs: now() + restMs })
    },
  }
}
