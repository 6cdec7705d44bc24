/** `open`: it rests after failures; `half-open`: one batch tries whether it is back. */
export type Circuit = 'closed' | 'open' | 'half-open'

/** Takes turns among producers, each behind a circuit breaker. */
export type ProducerCircuits<Producer> = {
  /**
   * @param not the producer that the same batch was just sent to: another one is preferred
   * @returns undefined while every circuit is open: ask again in a moment
   */
  next(not?: Producer): Producer | undefined
  succeeded(producer: Producer): void
  failed(producer: Producer, retryAfterMs?: number): void
  /** Another one takes turns from now on. */
  join(producer: Producer): void
  /** It takes no turns any more. */
  leave(producer: Producer): void
  list(): { producer: Producer; circuit: Circuit }[]
}

/** `probeMs`: for how long a producer that is being tried again is left alone by everybody else. */
export type CircuitBounds = { firstMs: number; ceilingMs: number; probeMs: number }

type Breaker = { failures: number; untilMs: number; probed: boolean }

/**
 * A producer that fails opens its circuit: it rests, longer each time it fails in a row, and at least as long as it asks
 * for. Then one batch tries it; only when that is answered well does the circuit close. So a producer that hangs holds
 * up one batch at a time, not all of them.
 * @param now milliseconds
 */
export function createProducerCircuits<Producer>(
  first: readonly Producer[],
  { firstMs, ceilingMs, probeMs }: CircuitBounds,
  now: () => number = () => performance.now(),
): ProducerCircuits<Producer> {
  const producers = [...first]
  const breakers = new Map(producers.map((producer) => [producer, closed()]))
  let turn = 0

  const breakerOf = (producer: Producer) => breakers.get(producer) ?? closed()

  /** Of one that has left, nothing is kept. */
  function set(producer: Producer, breaker: Breaker): void {
    if (breakers.has(producer)) breakers.set(producer, breaker)
  }

  function awake(not: Producer | undefined): Producer | undefined {
    for (let step = 0; step < producers.length; step += 1) {
      const producer = producers[(turn + step) % producers.length]
      if (producer === undefined || producer === not || breakerOf(producer).untilMs > now()) continue
      turn = (turn + step + 1) % producers.length
      return producer
    }
    return undefined
  }

  return {
    next(not) {
      const producer = awake(not) ?? awake(undefined)
      if (producer === undefined) return undefined
      const { failures } = breakerOf(producer)
      if (failures > 0) breakers.set(producer, { failures, untilMs: now() + probeMs, probed: true })
      return producer
    },
    succeeded(producer) {
      if (breakerOf(producer).failures > 0) set(producer, closed())
    },
    failed(producer, retryAfterMs = 0) {
      const before = breakerOf(producer)
      // Requests that were under way together fail together: that is one failure.
      const failures = circuitOf(before) === 'open' ? before.failures : before.failures + 1
      const restMs = Math.max(Math.min(firstMs * 2 ** (failures - 1), ceilingMs), retryAfterMs)
      set(producer, {
        failures,
        untilMs: Math.max(now() + restMs, before.probed ? 0 : before.untilMs),
        probed: false,
      })
    },
    join(producer) {
      producers.push(producer)
      breakers.set(producer, closed())
    },
    leave(producer) {
      const place = producers.indexOf(producer)
      if (place >= 0) producers.splice(place, 1)
      breakers.delete(producer)
    },
    list: () => producers.map((producer) => ({ producer, circuit: circuitOf(breakerOf(producer)) })),
  }
}

function closed(): Breaker {
  return { failures: 0, untilMs: 0, probed: false }
}

function circuitOf({ failures, probed }: Breaker): Circuit {
  if (failures === 0) return 'closed'
  return probed ? 'half-open' : 'open'
}
