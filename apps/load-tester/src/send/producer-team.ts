import type { CheckedProducer } from '../system/check-producers.ts'
import type { Timeouts } from './http-connection.ts'
import { createProducerCircuits, type ProducerCircuits } from './producer-circuits.ts'
import { createProducerClient, type ProducerAddress, type ProducerClient } from './producer-client.ts'

/** The producers that are sent to, which may come and go. */
export type ProducerTeam = {
  circuits: ProducerCircuits<ProducerClient>
  /**
   * Takes what a check of all addresses found: who is there for the first time joins, also one that has another address
   * now, and who is away is left alone for a while, as if a request had failed.
   * @returns those that joined
   */
  checked(producers: readonly CheckedProducer[]): CheckedProducer[]
  /** Ends requests under way. */
  close(): void
}

const circuitBounds = { firstMs: 250, ceilingMs: 2_000 }

/** Requests may go to all of these at once. */
export function createProducerTeam(first: readonly ProducerAddress[], timeouts: Timeouts): ProducerTeam {
  const clients: ProducerClient[] = []
  const members = new Map<string, { url: string; client: ProducerClient }>()
  const circuits = createProducerCircuits<ProducerClient>([], { ...circuitBounds, probeMs: timeouts.requestTimeoutMs })

  function join(producer: ProducerAddress): void {
    const client = createProducerClient(producer, timeouts)
    clients.push(client)
    members.set(producer.name, { url: producer.url, client })
    circuits.join(client)
  }
  for (const producer of first) join(producer)

  return {
    circuits,
    checked(producers) {
      const joining: CheckedProducer[] = []
      for (const producer of producers.filter(({ healthy }) => healthy)) {
        const member = members.get(producer.name)
        if (member?.url === producer.url) continue
        // Whoever has moved is no longer where it was; requests that are under way there end by themselves.
        if (member !== undefined) circuits.leave(member.client)
        else joining.push(producer)
        join(producer)
      }
      for (const { url } of producers.filter(({ healthy }) => !healthy)) {
        for (const member of members.values()) if (member.url === url) circuits.failed(member.client)
      }
      return joining
    },
    close() {
      for (const client of clients) client.close()
    },
  }
}
