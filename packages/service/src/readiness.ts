/** How one part of an app is; `reason` says why it is down. */
export type PartState = { up: true } | { up: false; reason: string }

/** What `/health/ready` answers. */
export type ReadinessReport = {
  instance: string
  status: 'ready' | 'not ready' | 'stopping'
  /** The names of the parts that are down, or `stopping`. */
  failing: string[]
  parts: Record<string, PartState>
}

/** Where the parts of an app report whether they can do their work. */
export type Readiness = {
  up(part: string): void
  down(part: string, reason: string): void
  /** For good: an app that stops is never ready again. */
  stop(): void
  report(): ReadinessReport
}

/** @param parts must all have reported `up` before the app is ready */
export function createReadiness({ instance, parts }: { instance: string; parts: readonly string[] }): Readiness {
  const states = new Map<string, PartState>(parts.map((part) => [part, { up: false, reason: 'starting' }]))
  let stopping = false
  return {
    up: (part) => void states.set(part, { up: true }),
    down: (part, reason) => void states.set(part, { up: false, reason }),
    stop() {
      stopping = true
    },
    report() {
      const down = [...states].filter(([, state]) => !state.up).map(([part]) => part)
      const failing = stopping ? ['stopping', ...down] : down
      const status = stopping ? 'stopping' : failing.length === 0 ? 'ready' : 'not ready'
      return { instance, status, failing, parts: Object.fromEntries(states) }
    },
  }
}
