import type { DescribedTopic } from '@outbox/kafka/describe-topics'
import { type Finding, ok, warning, wrong } from './finding.ts'

/** PRODUCER_MAX_PAYLOAD_BYTES, unless it is set: what a producer lets through. */
export const producerMaxPayloadBytes = 900_000
/** A key, the headers and Kafka's own fields. */
const besidesPayload = 4_096

/** @param logged the partition count that the log goes by; `found` is undefined for a topic that isn't there */
export function topicFindings(topic: { topic: string; logged: number; found: DescribedTopic | undefined }): Finding[] {
  const { topic: name, logged, found } = topic
  if (found === undefined) {
    const remedy = `create it with ${logged} partitions; or restore it, if it was deleted`
    return [wrong('topic', `topic ${name} is missing: its messages wait, and all others behind them`, remedy)]
  }
  return [
    partitionFinding(name, logged, found),
    policyFinding(name, found),
    sizeFinding(name, found),
    replicaFinding(name, found),
  ]
}

function partitionFinding(topic: string, logged: number, { partitions }: DescribedTopic): Finding {
  const found = `topic ${topic} has ${partitions} partitions`
  if (partitions === logged) return ok('topic', found)
  if (partitions > logged) {
    return warning(
      'topic',
      `${found}, and the log still goes by ${logged}`,
      'a relay notes it within RELAY_HOUSEKEEPING_MS',
    )
  }
  const remedy = `give it ${logged} partitions again: places point to them`
  return wrong('topic', `${found}, but the log goes by ${logged}: it was made anew with fewer`, remedy)
}

function policyFinding(topic: string, { cleanupPolicy }: DescribedTopic): Finding {
  const found = `topic ${topic} has cleanup.policy=${cleanupPolicy}`
  if (!cleanupPolicy.split(',').includes('compact')) return ok('topic-policy', found)
  return wrong('topic-policy', `${found}: compaction may keep an old value of a key`, 'set cleanup.policy=delete')
}

function sizeFinding(topic: string, { maxMessageBytes }: DescribedTopic): Finding {
  const found = `topic ${topic} takes messages of ${maxMessageBytes} bytes`
  if (maxMessageBytes >= producerMaxPayloadBytes + besidesPayload) return ok('topic-message-bytes', found)
  return warning(
    'topic-message-bytes',
    `${found}: larger ones become dead letters, and producers let ${producerMaxPayloadBytes} through unless told otherwise`,
    `raise max.message.bytes, or set PRODUCER_MAX_PAYLOAD_BYTES below it`,
  )
}

function replicaFinding(topic: string, { replicas, minInSyncReplicas }: DescribedTopic): Finding {
  const check = 'topic-replicas'
  const found = `topic ${topic} has ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}, min.insync.replicas=${minInSyncReplicas}`
  if (minInSyncReplicas > replicas) {
    return wrong(check, `${found}: Kafka refuses each send`, `set min.insync.replicas to ${replicas} at most`)
  }
  if (replicas === 1)
    return warning(check, `${found}: what is published is lost with its broker's disk`, 'give it 3 replicas')
  if (minInSyncReplicas === 1) {
    return warning(check, `${found}: one broker's confirmation counts for all`, 'set min.insync.replicas=2')
  }
  return ok(check, found)
}
