import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { StartupError } from './startup-error.ts'

/** Where an app listens; port 0 lets the system choose. */
export type ListenAddress = { host: string; port: number }

/**
 * Starts to listen.
 * @returns the port
 * @throws {StartupError} one line with address and remedy, when it can't be had
 */
export async function listen(app: FastifyInstance, { host, port }: ListenAddress): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw explain(error, `${host}:${port}`)
  }
  return (app.server.address() as AddressInfo).port
}

function explain(error: unknown, address: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return unavailable(`${address} is taken by another process: stop that one, or set PORT to a free port.`, false)
    case 'EACCES':
      return unavailable(`${address} may not be used by this user: set PORT to one above 1023.`, true)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return unavailable(`${address} is no address of this machine: set HOST to one, such as 0.0.0.0.`, true)
    default:
      return error
  }

  function unavailable(message: string, operatorNeeded: boolean): StartupError {
    return new StartupError(message, { operatorNeeded, cause: error })
  }
}
