import { readGroupOffsets } from '@outbox/inbox/read-group-offsets'
import { readLogBounds } from '@outbox/kafka/log-bounds'
import type { Queryable } from '@outbox/outbox/queryable'
import { askKafka, type KafkaAddress } from './ask-kafka.ts'

/**
 * The groups that have applied all that a Kafka partition holds now: whatever was published before is behind them, whether its
 * place is still known or not. None where Kafka doesn't say.
 */
export async function groupsAtEnd(
  db: Queryable,
  { kafka: at, topic, partition }: { kafka: KafkaAddress; topic: string; partition: number },
): Promise<string[]> {
  const bounds = await askKafka(at, (kafka) => readLogBounds(kafka, [topic]))
  const end = 'value' in bounds ? bounds.value.get(topic)?.get(partition)?.end : undefined
  if (end === undefined) return []
  return (await readGroupOffsets(db))
    .filter((offset) => offset.topic === topic && offset.partition === partition && (offset.nextOffset ?? 0n) >= end)
    .map(({ group }) => group)
}
