import fastify from 'fastify'
import { say, takeOrder } from './own-program.ts'

/** How long each answer takes, and whether all answers stand still from time to time. */
export type ServerOrder = { delayMs: number; stall?: { everyMs: number; forMs: number } }

export type ServerStarted = { url: string }

/** Answers as a producer does that has nothing to do. */
const { delayMs, stall } = takeOrder<ServerOrder>()
const app = fastify()
const startedMs = performance.now()

app.post<{ Body: { messages: unknown[] } }>('/messages', async ({ body }, reply) => {
  const waitMs = delayMs + stallMs()
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
  reply.code(202)
  return { accepted: body.messages.length }
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
await say({ url } satisfies ServerStarted)

/** What is left of the stall that is on, which is the last part of each period. */
function stallMs(): number {
  if (stall === undefined) return 0
  const leftMs = stall.everyMs - ((performance.now() - startedMs) % stall.everyMs)
  return leftMs <= stall.forMs ? leftMs : 0
}
