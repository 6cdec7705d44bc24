import type { Logger } from 'pino'
import { createHttpServer } from './http-server.ts'
import { type ListenAddress, listen } from './listen.ts'
import { type Operations, operationsRoutes } from './operations-routes.ts'

/** A server for health, metrics and status alone; leaving the scope closes it. */
export type OperationsServer = AsyncDisposable & { port: number; close(): Promise<void> }

/**
 * Starts the HTTP side of an app that has no API of its own.
 * @throws {StartupError} when host or port can't be had
 */
export async function startOperationsServer(
  options: Operations & ListenAddress & { logger: Logger; signal: AbortSignal },
): Promise<OperationsServer> {
  const app = createHttpServer(options)
  await app.register(operationsRoutes, options)
  const port = await listen(app, options)
  const close = () => app.close()
  return { port, close, [Symbol.asyncDispose]: close }
}
