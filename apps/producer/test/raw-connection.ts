import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Sends `parts` over a connection of its own, byte for byte, `pauseMs` between them.
 * @returns all that came back until the server closed the connection, or until it said what `until` waits for
 */
export async function rawExchange(
  port: number,
  parts: readonly string[],
  { pauseMs = 0, until }: { pauseMs?: number; until?: RegExp } = {},
): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  const ended = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      received += data
      if (until?.test(received)) resolve()
    })
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })
  for (const part of parts) {
    if (socket.destroyed) break
    socket.write(part)
    if (pauseMs > 0) await Promise.race([ended, sleep(pauseMs)])
  }
  await ended
  socket.destroy()
  return received
}
