import { describeTopics } from '@outbox/kafka/describe-topics'
import { type GroupState, groupStates } from '@outbox/kafka/group-states'
import type { Queryable } from '@outbox/outbox/queryable'
import { readTopicPartitions } from '@outbox/outbox/topic-partitions'
import { askKafka, type KafkaAddress } from '../ask-kafka.ts'
import { type Finding, ok, warning, wrong } from './finding.ts'
import { topicFindings } from './topic-findings.ts'

type Asked = { kafka: KafkaAddress; groups: readonly string[] }

/** Whether Kafka answers, its topics are such as the log needs, and the groups have members. */
export async function checkKafka(db: Queryable, { kafka: at, groups }: Asked): Promise<Finding[]> {
  const { brokers } = at
  if (brokers.length === 0) {
    return [warning('kafka', 'Kafka was not looked at: nobody has said where it is', 'name it with --kafka-brokers')]
  }
  const logged = await readTopicPartitions(db)
  const answered = await askKafka(at, async (kafka) => ({
    topics: await describeTopics(kafka, logged.topics),
    groups: await groupStates(kafka, groups),
  }))
  if ('reason' in answered) return [wrong('kafka', answered.reason, 'start it, or name it with --kafka-brokers')]
  const { topics } = answered.value
  return [
    ok('kafka', `Kafka at ${brokers.join(',')} answers`),
    ...logged.topics.flatMap((topic) =>
      topicFindings({ topic, logged: logged.latest(topic) ?? 0, found: topics.get(topic) }),
    ),
    ...groupFindings(answered.value.groups),
  ]
}

function groupFindings(states: readonly GroupState[]): Finding[] {
  return states.map(({ group, members, state }) =>
    members > 0
      ? ok('groups', `group ${group} has ${members} ${members === 1 ? 'member' : 'members'}`)
      : warning(
          'groups',
          `group ${group} is registered, but has no member (${state})`,
          `start a consumer of it; or, if it is gone for good, delete from inbox.consumer_group where name = '${group}'`,
        ),
  )
}
