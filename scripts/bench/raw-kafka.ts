import { connect } from 'node:net'
import kafkajs, { type Kafka } from 'kafkajs'

/** kafkajs as it comes, but for TCP_NODELAY: it leaves that off, and then waits for acknowledgements of half a request. */
export function rawKafka(brokers: string): Kafka {
  return new kafkajs.Kafka({
    brokers: brokers.split(','),
    clientId: 'bench',
    logLevel: kafkajs.logLevel.ERROR,
    socketFactory: ({ host, port, onConnect }) => connect({ host, port, noDelay: true }, onConnect),
  })
}
