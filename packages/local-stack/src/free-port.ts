import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const LOWEST = 15_000
const HIGHEST = 30_000
const ATTEMPTS = 100

/**
 * A port of 127.0.0.1 that nobody listens on. It lies below every system's range for outgoing connections: a client
 * that tries again and again while a service is down could otherwise be given the very port as its own, connect to
 * itself, and keep the service from coming back.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port found between ${LOWEST} and ${HIGHEST} in ${ATTEMPTS} attempts`)
}

/** Whether one can listen on this port of 127.0.0.1 now. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
