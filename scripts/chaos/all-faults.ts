import type { Fault } from './fault.ts'
import { addPartitions } from './faults/add-partitions.ts'
import { crashPostgres } from './faults/crash-postgres.ts'
import { delayKafka } from './faults/delay-kafka.ts'
import { delayPostgres } from './faults/delay-postgres.ts'
import { exhaustPool } from './faults/exhaust-pool.ts'
import { holdKafka } from './faults/hold-kafka.ts'
import { holdPostgres } from './faults/hold-postgres.ts'
import { idleWriter } from './faults/idle-writer.ts'
import { interruptLoadTest } from './faults/interrupt-load-test.ts'
import { killBroker } from './faults/kill-broker.ts'
import { killConsumer } from './faults/kill-consumer.ts'
import { killLoadTest } from './faults/kill-load-test.ts'
import { killProducer } from './faults/kill-producer.ts'
import { killRelay } from './faults/kill-relay.ts'
import { loseKafkaAnswers } from './faults/lose-kafka-answers.ts'
import { pauseBroker } from './faults/pause-broker.ts'
import { pauseConsumer } from './faults/pause-consumer.ts'
import { pauseRelay } from './faults/pause-relay.ts'
import { poisonMessages } from './faults/poison-messages.ts'
import { relaysBehindBacklog } from './faults/relays-behind-backlog.ts'
import { relaysJoinAndLeave } from './faults/relays-join-and-leave.ts'
import { rollingRestart } from './faults/rolling-restart.ts'
import { sliceKafka } from './faults/slice-kafka.ts'
import { slicePostgres } from './faults/slice-postgres.ts'
import { terminateBackends } from './faults/terminate-backends.ts'

/** Every fault that is drawn at random, in the order of docs/reliability.md. */
export const allFaults: readonly Fault[] = [
  killProducer,
  killRelay,
  pauseRelay,
  relaysJoinAndLeave,
  relaysBehindBacklog,
  killConsumer,
  pauseConsumer,
  rollingRestart,
  killBroker,
  pauseBroker,
  loseKafkaAnswers,
  holdKafka,
  delayKafka,
  sliceKafka,
  holdPostgres,
  delayPostgres,
  slicePostgres,
  crashPostgres,
  terminateBackends,
  idleWriter,
  exhaustPool,
  addPartitions,
  poisonMessages,
  interruptLoadTest,
  killLoadTest,
]
