import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy before a database; leaving the scope closes it. */
export type TcpProxy = AsyncDisposable & {
  /** The same database, through this proxy. */
  through(databaseUrl: string): string
  /** Cuts the client off right after so many COMMITs were handed on; the server never hears of it. */
  cutAfterCommit: number
  /** Refuses connections and drops those there are. */
  down: boolean
  cut(): void
}

/** Starts a proxy to the server of `databaseUrl`. */
export async function startTcpProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    if (proxy.down) return void client.destroy()
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (data) => {
      upstream.write(data)
      if (proxy.cutAfterCommit === 0 || !data.includes('commit\0')) return
      proxy.cutAfterCommit -= 1
      // The server's answer finds nobody; `end` instead of `destroy`, so that it gets the COMMIT first.
      upstream.unpipe(client)
      client.destroy()
      upstream.end()
    })
    upstream.pipe(client)
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
  })
  const proxy: TcpProxy = {
    cutAfterCommit: 0,
    down: false,
    through(url) {
      const own = new URL(url)
      own.hostname = '127.0.0.1'
      own.port = String((server.address() as AddressInfo).port)
      return own.href
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      proxy.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return proxy
}
