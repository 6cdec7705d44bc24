import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Harmable } from './harmable.ts'
import { type Harm, inflictHarm } from './inflict-harm.ts'

/** What is to be done to a part of the system, as the body of a request; `forMs`: for how long. */
export type FaultOrder = { part: string; harm: Harm; forMs: number }

/** Where others order faults. Leaving the scope undoes those that last. */
export type FaultServer = AsyncDisposable & { url: string; token: string }

const longestMs = 600_000
const bodyBytes = 1_000

/**
 * Takes orders for faults on a port of this machine, by POST with the token as its bearer; the answer comes when the fault is
 * over: 200, or another status with a sentence. A fault is undone in its time also when nobody waits for the answer any more.
 * @param options.onOver told after each fault: process ids may be others
 */
export async function serveFaults(options: { parts: readonly Harmable[]; onOver: () => void }): Promise<FaultServer> {
  const token = randomUUID()
  const stop = new AbortController()
  const lasting = new Map<string, Promise<void>>()

  async function carryOut({ part: name, harm, forMs }: FaultOrder): Promise<[status: number, sentence: string]> {
    const part = options.parts.find((part) => part.name === name)
    if (part === undefined) return [404, `${name} is no process of this system`]
    if (lasting.has(name)) return [409, `${name} has another fault at the moment`]
    const fault = inflictHarm(part, harm, () => sleep(forMs, undefined, { signal: stop.signal }).catch(() => {}))
    lasting.set(name, fault)
    try {
      await fault
      return [200, '']
    } catch (error) {
      return [500, error instanceof Error ? error.message : String(error)]
    } finally {
      lasting.delete(name)
      options.onOver()
    }
  }

  const server = createServer(async (request, response) => {
    const order = request.headers.authorization === `Bearer ${token}` ? await readOrder(request) : undefined
    const [status, sentence] = order === undefined ? [400, 'no order with the token'] : await carryOut(order)
    response.writeHead(status, { 'content-type': 'text/plain' }).end(sentence)
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.allSettled(lasting.values())
      server.close()
      server.closeAllConnections()
    },
  }
}

async function readOrder(request: IncomingMessage): Promise<FaultOrder | undefined> {
  try {
    let text = ''
    for await (const chunk of request) {
      text += chunk
      if (text.length > bodyBytes) return undefined
    }
    const { part, harm, forMs }: Partial<FaultOrder> = JSON.parse(text)
    const isOrder = typeof part === 'string' && (harm === 'kill' || harm === 'pause' || harm === 'stop')
    if (!isOrder || typeof forMs !== 'number' || !(forMs >= 0 && forMs <= longestMs)) return undefined
    return { part, harm, forMs }
  } catch {
    return undefined
  }
}
