import { rootCause } from './kafka-error.ts'

/** What the coordinator says to a member that has been thrown out: its partitions are someone else's. */
const thrownOut = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'])

/**
 * Sends heartbeats until disposed of, for as long as a batch is worked on.
 * A rebalance that only begins is let wait: the batch in hand may be finished.
 * @returns `signal`, which aborts when the member has been thrown out, or couldn't be heard for `sessionTimeoutMs`
 */
export function keepAlive(
  heartbeat: () => Promise<void>,
  { heartbeatMs, sessionTimeoutMs }: { heartbeatMs: number; sessionTimeoutMs: number },
): Disposable & { signal: AbortSignal } {
  const lost = new AbortController()
  let heardAt = performance.now()
  const beat = async () => {
    try {
      await heartbeat()
      heardAt = performance.now()
    } catch (error) {
      const { kafkaCode } = rootCause(error)
      if (kafkaCode === 'REBALANCE_IN_PROGRESS') heardAt = performance.now()
      if (thrownOut.has(kafkaCode) || performance.now() - heardAt > sessionTimeoutMs) lost.abort(error)
    }
  }
  const timer = setInterval(() => void beat(), heartbeatMs)
  return { signal: lost.signal, [Symbol.dispose]: () => clearInterval(timer) }
}
