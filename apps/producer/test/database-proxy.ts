import { startTcpProxy, type TcpProxy } from '@outbox/local-stack/tcp-proxy'

/** A proxy before the database of a URL; leaving the scope closes it. */
export async function databaseProxy(databaseUrl: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(databaseUrl)
  return await startTcpProxy({ host: hostname, port: Number(port || 5432) })
}
