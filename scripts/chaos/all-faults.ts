import type { Fault } from './fault.ts'
import { crashPostgres } from './faults/crash-postgres.ts'
import { killBroker } from './faults/kill-broker.ts'
import { killConsumer } from './faults/kill-consumer.ts'
import { killProducer } from './faults/kill-producer.ts'
import { killRelay } from './faults/kill-relay.ts'
import { pauseConsumer } from './faults/pause-consumer.ts'
import { pauseRelay } from './faults/pause-relay.ts'

/** Every fault that is drawn at random, in the order of docs/reliability.md. */
export const allFaults: readonly Fault[] = [
  killProducer,
  killRelay,
  pauseRelay,
  killConsumer,
  pauseConsumer,
  killBroker,
  crashPostgres,
]
