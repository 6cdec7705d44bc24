import { latencyBuckets } from '@outbox/service/latency-buckets'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Admission } from './admission.ts'
import { refusalReasons } from './refusal-reason.ts'

/** What the producer counts, besides what every app does. */
export type ProducerMetrics = ReturnType<typeof createProducerMetrics>

/** @param admission knows what is being worked on, and is asked at each scrape */
export function createProducerMetrics(registry: Registry, admission: Pick<Admission, 'inFlight' | 'inFlightBytes'>) {
  const registers = [registry]
  gaugesOf(registry, admission)
  const requests = new Counter({
    name: 'outbox_producer_requests_total',
    help: 'Answers to POST /messages, by HTTP status.',
    labelNames: ['status'],
    registers,
  })
  const refused = new Counter({
    name: 'outbox_producer_refused_total',
    help: 'Requests of which nothing was accepted for certain, or nobody knows, by reason.',
    labelNames: ['reason'],
    registers,
  })
  // A counter that appears with its first event has no rate of it.
  for (const status of [202, 400, 409, 413, 415, 422, 500, 503]) requests.inc({ status }, 0)
  for (const reason of refusalReasons) refused.inc({ reason }, 0)
  return {
    requests,
    refused,
    requestSeconds: new Histogram({
      name: 'outbox_producer_request_seconds',
      help: 'From the head of a request to the end of its answer, whatever that was.',
      buckets: [...latencyBuckets],
      registers,
    }),
    accepted: new Counter({
      name: 'outbox_producer_messages_accepted_total',
      help: 'Messages committed to the outbox; a replayed answer counts none.',
      registers,
    }),
    acceptedBytes: new Counter({
      name: 'outbox_producer_accepted_bytes_total',
      help: 'Bytes of the bodies of requests whose messages were committed.',
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
      buckets: [...latencyBuckets],
      registers,
    }),
    transactionSeconds: new Histogram({
      name: 'outbox_producer_transaction_seconds',
      help: 'From having a connection to the end of the commit.',
      buckets: [...latencyBuckets],
      registers,
    }),
  }
}

function gaugesOf(registry: Registry, { inFlight, inFlightBytes }: Pick<Admission, 'inFlight' | 'inFlightBytes'>) {
  const registers = [registry]
  new Gauge({
    name: 'outbox_producer_in_flight_requests',
    help: 'Requests being worked on.',
    registers,
    collect() {
      this.set(inFlight())
    },
  })
  new Gauge({
    name: 'outbox_producer_in_flight_bytes',
    help: 'Bytes of the bodies of all requests being worked on; one that does not tell its length counts as the largest.',
    registers,
    collect() {
      this.set(inFlightBytes())
    },
  })
}
