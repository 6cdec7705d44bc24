import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type ProxyMode, proxyFlow } from './proxy-flow.ts'

/** A TCP proxy before a service, that can be made to behave like a bad network. Leaving the scope closes it. */
export type TcpProxy = AsyncDisposable & {
  readonly port: number
  /** The same URL, through this proxy. */
  through(url: string): string
  /** How it treats all its connections, those that are open included, from now on. */
  mode: ProxyMode
  /** Cuts all connections. */
  cut(): void
}

/** Starts a proxy on a free port of 127.0.0.1. The service needn't be there yet. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const flows = new Set<() => void>()
  let mode: ProxyMode = { kind: 'pass' }
  const currentMode = () => mode

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (mode.kind === 'refuse') return void client.destroy()
    const service = connect({ ...target, allowHalfOpen: true, noDelay: true })
    let loses = false
    const toService = proxyFlow({
      from: client,
      to: service,
      mode: currentMode,
      onChunk(request) {
        loses ||= mode.kind === 'lose-answer' && mode.to(request)
        return true
      },
    })
    const toClient = proxyFlow({
      from: service,
      to: client,
      mode: currentMode,
      onChunk() {
        if (loses) client.resetAndDestroy()
        return !loses
      },
    })
    for (const socket of [client, service]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        // Until then one of them may have something to hand on.
        if (!sockets.has(client) && !sockets.has(service)) for (const flow of [toService, toClient]) flows.delete(flow)
      })
    }
    for (const flow of [toService, toClient]) flows.add(flow)
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port,
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    get mode() {
      return mode
    },
    set mode(next) {
      mode = next
      for (const wake of flows) wake()
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
