import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Reads something that may take long, or fail.
 * @returns a function that gives what is read within `withinMs`, or what was read last; it reads again only once the reading
 *   before has ended
 */
export function freshWithin<Value>(read: () => Promise<Value>, withinMs: number): () => Promise<Value | undefined> {
  let last: Value | undefined
  let reading: Promise<void> | undefined
  const readAgain = async () => {
    try {
      last = await read()
    } catch {
      // What was read before is as much as there is.
    } finally {
      reading = undefined
    }
  }
  return async () => {
    reading ??= readAgain()
    const timer = new AbortController()
    await Promise.race([reading, sleep(withinMs, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    return last
  }
}
