import { connect } from 'node:net'
import patched, { type Kafka } from 'kafkajs'

/** kafkajs and nothing else, but for TCP_NODELAY: it leaves that off, and then waits for acknowledgements of half a request. */
export function rawKafka(brokers: string, kafkajs: typeof patched = patched): Kafka {
  return new kafkajs.Kafka({
    brokers: brokers.split(','),
    clientId: 'bench',
    logLevel: kafkajs.logLevel.ERROR,
    socketFactory: ({ host, port, onConnect }) => connect({ host, port, noDelay: true }, onConnect),
  })
}
