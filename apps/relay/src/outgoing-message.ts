import { partitionFor } from '@outbox/kafka/partition-for'
import type { OutgoingMessage } from '@outbox/kafka/publisher'
import { formatPlace } from '@outbox/outbox/place'
import type { LoggedMessage } from '@outbox/outbox/read-window'

/** `log`: the log's id. `partitions`: so many had the topic at the tick of the message. */
export type Whereabouts = { log: string; partitions: number }

/** The Kafka message of a row: to the partition that its place fixes, with the place and the id as headers. */
export function outgoingMessage(message: LoggedMessage, { log, partitions }: Whereabouts): OutgoingMessage {
  const { n, id, shard, messageId, topic, payload, headers } = message
  const key = message.key === null ? null : Buffer.from(message.key)
  return {
    topic,
    partition: key === null ? Number(id % BigInt(partitions)) : partitionFor(key, partitions),
    key,
    value: payload,
    headers: {
      ...headers,
      'outbox-place': formatPlace({ log, shard, n, id }),
      'outbox-message-id': messageId,
    },
  }
}
