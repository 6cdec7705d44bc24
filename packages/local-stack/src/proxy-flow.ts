import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

/** How a proxy treats its connections.
 * - `pass`: as if it weren't there
 * - `refuse`: new connections are closed at once
 * - `hold`: nothing passes, nothing is lost: what came meanwhile goes on afterwards, as with packets that are sent again
 * - `delay`: what passes takes so many ms longer, in each direction
 * - `slice`: what passes comes in pieces of one byte, at least the first ones of each chunk
 * - `lose-answer`: a request for which `to` is true goes on to the service, whose answer is swallowed, and the client's
 *   connection reset. `to` is called once for each chunk that a client sends.
 */
export type ProxyMode =
  | { kind: 'pass' | 'refuse' | 'hold' | 'slice' }
  | { kind: 'delay'; ms: number }
  | { kind: 'lose-answer'; to: (request: Buffer) => boolean }

export type ProxyFlow = {
  from: Socket
  to: Socket
  mode: () => ProxyMode
  /** Told of each chunk as it arrives; false: it isn't handed on. */
  onChunk: (chunk: Buffer) => boolean
}

/** What waits in one direction before the sender is made to wait. */
const MAX_WAITING_BYTES = 1_048_576
/** Of a chunk so many bytes are sliced, which is more than the heads of some frames; slicing all of it would only burn CPU. */
const SLICED_BYTES = 256

/**
 * Carries what comes from one socket to the other, in order, as the mode of the moment says; and its end.
 * @returns to be called when the mode has changed
 */
export function proxyFlow({ from, to, mode, onChunk }: ProxyFlow): () => void {
  const waiting: { chunk: Buffer; arrivedAt: number }[] = []
  let waitingBytes = 0
  let carrying = false
  let over = false
  let wake = () => {}

  const carry = async () => {
    carrying = true
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (await mustWait(next.arrivedAt)) continue
      waiting.shift()
      waitingBytes -= next.chunk.length
      if (!(await write(next.chunk))) {
        // Nobody is left to hand it to; what still comes is read, so that its end is noticed.
        from.removeAllListeners('data').resume()
        return
      }
      if (waitingBytes < MAX_WAITING_BYTES) from.resume()
    }
    carrying = false
    if (over) to.end()
  }

  /** Waits until a chunk may go on, or the mode has changed. @returns false when it may go on now */
  const mustWait = async (arrivedAt: number): Promise<boolean> => {
    const now = mode()
    const leftMs = now.kind === 'delay' ? arrivedAt + now.ms - performance.now() : 0
    if (now.kind !== 'hold' && leftMs <= 0) return false
    const { promise: changed, resolve } = Promise.withResolvers<void>()
    wake = resolve
    await (now.kind === 'hold' ? changed : Promise.race([changed, sleep(leftMs)]))
    return true
  }

  /** @returns false when there is nobody left to write to */
  const write = async (chunk: Buffer): Promise<boolean> => {
    for (const piece of mode().kind === 'slice' ? slices(chunk) : [chunk]) {
      if (!to.writable) return false
      if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => {})
      if (piece !== chunk) await turn()
    }
    return true
  }

  from.on('data', (chunk: Buffer) => {
    if (!onChunk(chunk)) return
    waiting.push({ chunk, arrivedAt: performance.now() })
    waitingBytes += chunk.length
    if (waitingBytes >= MAX_WAITING_BYTES) from.pause()
    if (!carrying) void carry()
  })
  for (const end of ['end', 'close']) {
    from.once(end, () => {
      over = true
      if (!carrying) to.end()
    })
  }
  return () => wake()
}

function* slices(chunk: Buffer): Generator<Buffer> {
  const sliced = Math.min(chunk.length, SLICED_BYTES)
  for (let at = 0; at < sliced; at++) yield chunk.subarray(at, at + 1)
  if (sliced < chunk.length) yield chunk.subarray(sliced)
}
