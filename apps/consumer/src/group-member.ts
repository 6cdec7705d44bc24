import type { Handler } from '@outbox/inbox/handler'
import type { KafkaConnection } from '@outbox/kafka/connect-kafka'
import type { Readiness } from '@outbox/service/readiness'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { AssignedPartitions } from './assigned-partitions.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import type { DeadLetterLimit } from './dead-letter-limit.ts'

/** One member of a consumer group, with all that it works with. */
export type GroupMember = {
  db: Pool
  kafka: KafkaConnection
  group: string
  topics: readonly string[]
  handle: Handler
  partitions: AssignedPartitions
  deadLetters: DeadLetterLimit
  metrics: ConsumerMetrics
  settings: ConsumerSettings
  logger: Logger
  readiness: Readiness
}
