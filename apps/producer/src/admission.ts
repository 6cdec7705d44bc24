import type { FastifyReply, FastifyRequest } from 'fastify'
import { NotAcceptedProblem } from './refusal-reason.ts'

/** How much is worked on at once. */
export type AdmissionLimits = { maxInFlight: number; maxInFlightBytes: number; maxBodyBytes: number }

/** Lets so many requests in at once; the rest is told to come back, before its body is read. */
export type Admission = {
  inFlight(): number
  inFlightBytes(): number
  /** A Fastify `onRequest` hook. */
  admit(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

/** Bounds what requests in flight hold in memory: a body that doesn't tell its length counts as the largest. */
export function createAdmission({ maxInFlight, maxInFlightBytes, maxBodyBytes }: AdmissionLimits): Admission {
  let inFlight = 0
  let inFlightBytes = 0
  return {
    inFlight: () => inFlight,
    inFlightBytes: () => inFlightBytes,
    async admit(request, reply) {
      const bytes = Math.min(Number(request.headers['content-length'] ?? maxBodyBytes), maxBodyBytes)
      if (inFlight >= maxInFlight || inFlightBytes + bytes > maxInFlightBytes) {
        // The body stays unread, so this connection can't be used for another request.
        reply.header('connection', 'close')
        throw new NotAcceptedProblem(
          'overloaded',
          `as much is being worked on as this producer takes (requests: ${inFlight})`,
        )
      }
      inFlight += 1
      inFlightBytes += bytes
      // `close` comes in any case, also where the client is gone before the answer.
      reply.raw.once('close', () => {
        inFlight -= 1
        inFlightBytes -= bytes
      })
    },
  }
}
