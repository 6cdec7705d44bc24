import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What the producer counts, besides what every app does. */
export type ProducerMetrics = ReturnType<typeof createProducerMetrics>

/** @param inFlight how many requests are being worked on */
export function createProducerMetrics(registry: Registry, { inFlight }: { inFlight: () => number }) {
  const registers = [registry]
  new Gauge({
    name: 'outbox_producer_in_flight_requests',
    help: 'Requests being worked on.',
    registers,
    collect() {
      this.set(inFlight())
    },
  })
  return {
    requests: new Counter({
      name: 'outbox_producer_requests_total',
      help: 'Answers to POST /messages, by HTTP status.',
      labelNames: ['status'],
      registers,
    }),
    accepted: new Counter({
      name: 'outbox_producer_messages_accepted_total',
      help: 'Messages committed to the outbox; a replayed answer counts none.',
      registers,
    }),
    batchMessages: new Histogram({
      name: 'outbox_producer_batch_messages',
      help: 'Messages a request.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000],
      registers,
    }),
    appendSeconds: new Histogram({
      name: 'outbox_producer_append_seconds',
      help: 'From asking for a connection to the end of the commit.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 10],
      registers,
    }),
  }
}
