import type { Fault } from '../fault.ts'
import { producers } from '../system-shape.ts'

const CLIENTS = 500
const ANSWER_MS = 30_000

export const exhaustPool: Fault = {
  name: 'exhaust-pool',
  numbers: [16],
  does: `${CLIENTS} clients post to one producer at once, whose transactions stand still: 503, never a hang`,
  draw(random) {
    const name = random.pick(producers)
    return {
      details: name,
      lastsMs: 5_000,
      async inflict({ app, networks }) {
        // Slow transactions, so that all connections of the pool are in use while the clients come.
        networks.postgres.mode = { kind: 'delay', ms: 300 }
        try {
          const answers = await Promise.all(Array.from({ length: CLIENTS }, (_, client) => post(app(name).url, client)))
          const wrong = answers.filter(({ status }) => status !== 202 && status !== 503)
          if (wrong.length > 0) throw new Error(`${wrong.length} answers are neither 202 nor 503: ${wrong[0]?.status}`)
          if (answers.every(({ status }) => status === 202)) throw new Error('the pool was not exhausted: all got 202')
        } finally {
          networks.postgres.mode = { kind: 'pass' }
        }
      },
    }
  },
}

async function post(url: string, client: number): Promise<Response> {
  return await fetch(`${url}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ key: `client-${client}`, payload: 'one of many' }] }),
    signal: AbortSignal.timeout(ANSWER_MS),
  })
}
