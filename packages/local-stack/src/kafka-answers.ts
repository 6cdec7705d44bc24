import { connect } from 'node:net'

const METADATA_KEY = 3
const METADATA_VERSION = 1
const CORRELATION_ID = 7
const ANSWER_MS = 1_000

/**
 * Whether a Kafka has itself among its brokers, which is so once it takes requests and isn't fenced.
 * (Its port opens earlier, and topics can't be made before.) Asks for the metadata of no topic.
 * @see https://kafka.apache.org/protocol#The_Messages_Metadata
 */
export async function kafkaAnswers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, host)
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    let received = Buffer.alloc(0)
    socket.setTimeout(ANSWER_MS, () => settle(false))
    socket.once('error', () => settle(false))
    socket.once('close', () => settle(false))
    socket.once('connect', () => socket.write(metadataRequest()))
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      // int32 size, int32 correlation id, int32 number of brokers.
      if (received.length >= 12) settle(received.readInt32BE(4) === CORRELATION_ID && received.readInt32BE(8) > 0)
    })
  })
}

function metadataRequest(): Buffer {
  const request = Buffer.alloc(18)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(METADATA_KEY, 4)
  request.writeInt16BE(METADATA_VERSION, 6)
  request.writeInt32BE(CORRELATION_ID, 8)
  request.writeInt16BE(-1, 12) // no client id
  request.writeInt32BE(0, 14) // no topics
  return request
}
