import { PublishError, type Publisher } from '@outbox/kafka/publisher'
import { reasonOf } from '@outbox/service/reason-of'
import CircuitBreaker from 'opossum'
import type { Logger } from 'pino'

/** `halfOpen`: the next attempt decides. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

/**
 * `windowMs`: the breaker opens when at least half of the attempts in so many failed; `resetMs`: and tries again after so long.
 * `onAttempt` is told how long each took, whatever came of it.
 */
export type BreakerOptions = {
  windowMs: number
  resetMs: number
  onAttempt: (seconds: number) => void
  logger: Logger
}

/** A publisher that doesn't ask Kafka while the breaker is open. */
export type GuardedPublisher = Publisher & { state(): BreakerState }

/** Not sent: Kafka has failed too often lately. */
export class BreakerOpenError extends Error {
  readonly code = 'OUTBOX_BREAKER_OPEN'

  constructor(lastFailure: string) {
    super(`the circuit breaker is open: ${lastFailure}`)
    this.name = 'BreakerOpenError'
  }
}

/**
 * Puts a circuit breaker before Kafka. Only what is nobody's fault but Kafka's opens it: a message that Kafka refuses is an
 * answer like any other.
 */
export function withCircuitBreaker(
  publisher: Publisher,
  { windowMs, resetMs, onAttempt, logger }: BreakerOptions,
): GuardedPublisher {
  let lastFailure = ''
  const attempt: Publisher['publish'] = async (messages) => {
    const beganAtMs = performance.now()
    return await publisher.publish(messages).finally(() => onAttempt((performance.now() - beganAtMs) / 1_000))
  }
  const breaker = new CircuitBreaker(attempt, {
    timeout: false,
    errorThresholdPercentage: 50,
    rollingCountTimeout: windowMs,
    rollingPercentilesEnabled: false,
    resetTimeout: resetMs,
    errorFilter: (error) => !(error instanceof PublishError),
  })
  breaker.on('failure', (error) => {
    lastFailure = reasonOf(error)
  })
  breaker.on('open', () =>
    logger.error({ reason: lastFailure, resetMs }, 'the circuit breaker opens: Kafka takes nothing'),
  )
  breaker.on('close', () => logger.info('the circuit breaker closes: Kafka takes messages again'))
  return {
    connect: () => publisher.connect(),
    async publish(messages) {
      try {
        return await breaker.fire(messages)
      } catch (error) {
        throw (error as { code?: unknown }).code === 'EOPENBREAKER' ? new BreakerOpenError(lastFailure) : error
      }
    },
    async close() {
      breaker.shutdown()
      await publisher.close()
    },
    state: () => (breaker.opened ? 'open' : breaker.halfOpen ? 'halfOpen' : 'closed'),
  }
}
