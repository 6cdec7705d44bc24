import type { Publisher } from '@outbox/kafka/publisher'
import { makeRelayName } from '@outbox/outbox/relay-name'
import type pg from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { DeadLetterLimit } from '../src/dead-letter-limit.ts'
import { HeldKeys } from '../src/held-keys.ts'
import { relayMetrics } from '../src/relay-metrics.ts'
import { resendDue } from '../src/resend-due.ts'
import { relayWindow } from '../src/run-relay.ts'
import { ShardLeases } from '../src/shard-leases.ts'
import { WindowPublisher } from '../src/window-publisher.ts'
import { WindowReader } from '../src/window-reader.ts'

/** A relay's parts in this process, before a publisher of the test's own. Leaving the scope gives its shards back, if it has any left. */
export type RelayInTest = AsyncDisposable & {
  /** @returns whether there was anything to relay */
  window(): Promise<boolean>
  /** Waits until the positions stand behind the last window. */
  settle(): Promise<void>
}

/** It takes over from the one before at once, as a relay does that was killed and started again. */
export async function relayInTest(
  db: pg.Pool,
  { publisher, allowed, limit = new DeadLetterLimit(1_000_000), moveEveryMs = 0, leaseMs = 600_000 }: Options,
): Promise<RelayInTest> {
  const logger = pino({ level: 'silent' })
  const relay = makeRelayName('relay-in-test')
  const leases = new ShardLeases({ db, relay, leaseMs, logger })
  await leases.sync(async () => {})
  const held = new HeldKeys(db)
  const metrics = relayMetrics(new Registry(), { breaker: () => 'closed' })
  const parts = {
    leases,
    held,
    resendDue: resendDue({ db, relay, leases, held, everyMs: 0, logger }),
    reader: new WindowReader({ db, shardCount: 16, windowIds: 10, windowBytes: 1_000_000, metrics }),
    publisher: new WindowPublisher({
      db,
      relay,
      log: '0123456789ab',
      publisher,
      leases,
      held,
      limit,
      allowed: new Set(allowed),
      holdKeys: true,
      retry: { maxAttempts: 2, firstMs: 1, ceilingMs: 1 },
      moveEveryMs,
      metrics,
      logger,
    }),
    metrics,
  }
  return {
    window: async () => (await relayWindow(parts)) !== undefined,
    settle: () => parts.publisher.settle(),
    [Symbol.asyncDispose]: () => leases[Symbol.asyncDispose](),
  }
}

type Options = {
  publisher: Publisher
  allowed: string[]
  limit?: DeadLetterLimit
  moveEveryMs?: number
  leaseMs?: number
}
