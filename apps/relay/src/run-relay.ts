import { setTimeout as sleep } from 'node:timers/promises'
import { backOffMs } from '@outbox/service/back-off'
import type { Readiness } from '@outbox/service/readiness'
import type { Logger } from 'pino'
import type { RelayMetrics } from './relay-metrics.ts'
import type { ShardLeases } from './shard-leases.ts'
import { troubleOf } from './trouble.ts'
import type { WindowPublisher } from './window-publisher.ts'
import type { WindowReader } from './window-reader.ts'

/** The relay's parts, and how long it waits: for something new, and after failures. */
export type Relay = {
  leases: ShardLeases
  reader: WindowReader
  publisher: WindowPublisher
  idlePollMs: number
  backOffMaxMs: number
  readiness: Readiness
  metrics: RelayMetrics
  logger: Logger
}

/**
 * Relays until `signal` aborts; the window in hand is always finished. While Kafka or PostgreSQL is away it tries
 * again for ever, with growing waits, and publishes the same places again.
 * @throws what is neither's fault
 */
export async function runRelay(relay: Relay, signal: AbortSignal): Promise<void> {
  const { idlePollMs, backOffMaxMs, readiness, logger } = relay
  let failures = 0
  while (!signal.aborted) {
    let waitMs = 0
    try {
      if (!(await relayWindow(relay))) waitMs = idlePollMs
      if (failures > 0) logger.info({ failures }, 'relaying again')
      failures = 0
      readiness.up('database')
      readiness.up('kafka')
    } catch (error) {
      const trouble = troubleOf(error)
      if (!trouble) throw error
      failures += 1
      waitMs = backOffMs(failures, { firstMs: 50, ceilingMs: backOffMaxMs })
      readiness.down(trouble.part, trouble.reason)
      logger.warn({ ...trouble, failures, waitMs }, 'nothing moves; trying again')
    }
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {})
  }
}

/** @returns whether there was anything to relay */
async function relayWindow({ leases, reader, publisher, metrics }: Relay): Promise<boolean> {
  await leases.sync()
  const cohort = leases.cohort()
  if (!cohort) return false
  const window = await reader.next(cohort)
  if (!window) return false
  // A tick made now would let what comes during the send wait for the send after the next one.
  if (window.more && leases.owned.length === cohort.shards.length) {
    reader.readAhead({ ...cohort, position: window.end })
  }
  const published = await publisher.publish(window, cohort)
  metrics.published(window, published)
  return true
}
