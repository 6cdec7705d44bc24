import { setTimeout as sleep } from 'node:timers/promises'
import { backOffMs } from '@outbox/service/back-off'
import type { Readiness } from '@outbox/service/readiness'
import { reasonOf } from '@outbox/service/reason-of'
import type { Logger } from 'pino'
import { BreakerOpenError } from './circuit-breaker.ts'
import type { HeldKeys } from './held-keys.ts'
import { Pace } from './pace.ts'
import type { RelayMetrics } from './relay-metrics.ts'
import type { ShardLeases } from './shard-leases.ts'
import { troubleOf } from './trouble.ts'
import type { WindowPublisher } from './window-publisher.ts'
import type { Window, WindowReader } from './window-reader.ts'

/** What `/health/ready` tells of: a part that is down lets nothing move. */
export const relayParts = ['database', 'kafka', 'dead letters'] as const

/** The relay's parts, and how long it waits: for something new, and after failures. */
export type Relay = {
  leases: ShardLeases
  held: HeldKeys
  resendDue: () => Promise<void>
  reader: WindowReader
  publisher: WindowPublisher
  idlePollMs: number
  backOffMaxMs: number
  readiness: Readiness
  metrics: RelayMetrics
  logger: Logger
}

type RelayedWindow = Pick<Relay, 'leases' | 'held' | 'resendDue' | 'reader' | 'publisher' | 'metrics'>

/**
 * Relays until `signal` aborts; the window in hand is always finished. While Kafka or PostgreSQL is away it tries
 * again for ever, with growing waits, and publishes the same places again.
 * @throws what is neither's fault
 */
export async function runRelay(relay: Relay, signal: AbortSignal): Promise<void> {
  const { publisher, idlePollMs, backOffMaxMs, readiness, metrics, logger } = relay
  const pace = new Pace()
  let failures = 0
  while (!signal.aborted) {
    let waitMs = 0
    const beganAtMs = performance.now()
    try {
      const window = await relayWindow(relay)
      const tookMs = performance.now() - beganAtMs
      waitMs = window ? pace.restMs({ tookMs, caughtUp: !window.more }) : idlePollMs
      if (failures > 0) logger.info({ failures }, 'relaying again')
      failures = 0
      for (const part of relayParts) readiness.up(part)
    } catch (error) {
      const trouble = troubleOf(error)
      if (!trouble) throw error
      // Nobody was asked, so nothing has failed once more.
      if (!(error instanceof BreakerOpenError)) {
        failures += 1
        metrics.failed(trouble.part)
      }
      waitMs = backOffMs(Math.max(failures, 1), { firstMs: 50, ceilingMs: backOffMaxMs })
      readiness.down(trouble.part, trouble.reason)
      logger.warn({ ...trouble, failures, waitMs }, 'nothing moves; trying again')
    }
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {})
  }
  await publisher.settle().catch((error) => logger.warn({ reason: reasonOf(error) }, 'the last positions did not move'))
}

/** Relays the next window. @returns it; undefined where there was nothing to relay */
export async function relayWindow(relay: RelayedWindow): Promise<Window | undefined> {
  const { leases, held, resendDue, reader, publisher, metrics } = relay
  await leases.sync(() => publisher.settle())
  await resendDue()
  await held.sync(leases.owned)
  const cohort = leases.cohort()
  const window = cohort && (await reader.next(cohort))
  if (!cohort || !window) {
    await publisher.moveIfDue()
    return undefined
  }
  // A tick made now would let what comes during the send wait for the send after the next one.
  if (window.more && leases.owned.length === cohort.shards.length) {
    reader.readAhead({ ...cohort, position: window.end })
  }
  const published = await publisher.publish(window, cohort)
  metrics.published(window, published)
  return window
}
