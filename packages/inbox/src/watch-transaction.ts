import { DatabaseFaultError, EffectFailedError } from './effect-transaction.ts'

/** How a transaction of the inbox ended; `stopped`: an operator must decide before the partition goes on. */
export const transactionOutcomes = ['committed', 'handler-failed', 'database-failed', 'stopped'] as const
export type TransactionOutcome = (typeof transactionOutcomes)[number]

/** Told how long a transaction took, the waits for a connection and for locks included, and how it ended. */
export type OnTransaction = (seconds: number, outcome: TransactionOutcome) => void

/** Awaits a transaction that has just begun, and tells `onEnd` about it. */
export async function watchTransaction<T>(transaction: Promise<T>, onEnd: OnTransaction = () => {}): Promise<T> {
  const beganAtMs = performance.now()
  const end = (outcome: TransactionOutcome) => onEnd((performance.now() - beganAtMs) / 1_000, outcome)
  try {
    const result = await transaction
    end('committed')
    return result
  } catch (error) {
    end(outcomeOf(error))
    throw error
  }
}

function outcomeOf(error: unknown): TransactionOutcome {
  if (error instanceof DatabaseFaultError) return 'database-failed'
  return error instanceof EffectFailedError ? 'handler-failed' : 'stopped'
}
