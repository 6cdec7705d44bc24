import { once } from 'node:events'

/**
 * Aborts on Ctrl-C, SIGTERM, a closed terminal, and when the bootstrap that started this process is gone. Asked twice
 * is asked once: Ctrl-C comes from the terminal and from npm.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort())
  if (process.connected) {
    process.once('disconnect', () => stop.abort())
    process.channel?.unref()
  }
  return stop.signal
}

/**
 * Waits for something to come up, unless it's stopped first: then there is no waiting for half of it, and the guardian
 * ends what has come up by the time this process exits.
 * @throws {StoppedError}
 */
export async function unlessStopped<Value>(coming: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const stopped = once(signal, 'abort').then(() => {
    throw new StoppedError()
  })
  return await Promise.race([coming, stopped])
}

/** Stopped before it was up. */
export class StoppedError extends Error {
  readonly code = 'OUTBOX_STOPPED'
}
