import { connect, isIP, type Socket } from 'node:net'
import { connect as connectByTls } from 'node:tls'
import type { ISocketFactoryArgs } from 'kafkajs'

/**
 * kafkajs' way to a broker, by TLS where `ssl` is given. Without TCP_NODELAY, which kafkajs leaves off, the tail of a request waits
 * for the acknowledgement of its head.
 */
export function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const socket = ssl ? connectByTls(verified({ ...ssl, host, port }), onConnect) : connect({ host, port }, onConnect)
  return socket.setNoDelay(true).setKeepAlive(true, 10_000)
}

/** NODE_TLS_REJECT_UNAUTHORIZED=0 must not switch this off. An address is no server name (RFC 6066, 3), but compared all the same. */
function verified<Options extends { host: string }>(options: Options) {
  return { ...options, rejectUnauthorized: true, ...(isIP(options.host) === 0 && { servername: options.host }) }
}
