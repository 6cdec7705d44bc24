import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const LOWEST = 15_000
const HIGHEST = 30_000
const ATTEMPTS = 100

/**
 * A port of 127.0.0.1 that nobody listens on, and that nobody else is given while this process lives: what it is for
 * may start to listen only seconds later. It lies below every system's range for outgoing connections: a client that
 * tries again and again while a service is down could otherwise be given the very port as its own, connect to itself,
 * and keep the service from coming back.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST)
    if ((await claim(port)) && (await isFree(port))) return port
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

/**
 * Whether this process is the first to want the port. Holding the UDP port of the same number says so to all processes
 * of the machine, is in no TCP server's way, and ends with the process, however that ends.
 */
async function claim(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref()
  return await new Promise((resolve) => {
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  })
}
