import type { Fault } from '../fault.ts'

/** @see https://kafka.apache.org/protocol#protocol_api_keys */
const PRODUCE = 0
const LASTS_MS = 5_000

export const loseKafkaAnswers: Fault = {
  name: 'lose-kafka-answers',
  numbers: [10],
  does: "Kafka's answers to what relays publish are lost and the connections reset, after the messages were written",
  draw(random) {
    const answers = random.between(3, 10)
    return {
      details: `${answers} answers`,
      lastsMs: LASTS_MS,
      async inflict({ networks, sleep }) {
        let left = answers
        networks.kafka.mode = { kind: 'lose-answer', to: (request) => isProduce(request) && left-- > 0 }
        try {
          for (const deadline = Date.now() + 4 * LASTS_MS; left > 0 && Date.now() < deadline; ) await sleep(50)
        } finally {
          networks.kafka.mode = { kind: 'pass' }
        }
        if (left > 0) throw new Error(`only ${answers - left} of ${answers} answers came to be lost`)
      },
    }
  },
}

/** A request begins with its size, in four bytes, and the number of what it asks for, in two. */
function isProduce(request: Buffer): boolean {
  return request.length >= 6 && request.readInt16BE(4) === PRODUCE
}
