import { countDeadLettersByGroup } from '@outbox/inbox/count-dead-letters'
import { countDeadLetters } from '@outbox/outbox/find-dead-letters'
import type { Queryable } from '@outbox/outbox/queryable'
import { type Finding, ok, warning } from './finding.ts'

/** Messages that nobody has got, or not each group. */
export async function checkDeadLetters(db: Queryable): Promise<Finding[]> {
  const count = await countDeadLetters(db, {})
  const groups = (await countDeadLettersByGroup(db)).filter(({ deadLetters }) => deadLetters > 0)
  return [
    count === 0
      ? ok('dead-letters', 'no message waits among the dead letters')
      : warning('dead-letters', `${messages(count)} refused for good by Kafka`, 'outbox dead-letters list'),
    ...groups.map(({ group, deadLetters }) =>
      warning(
        'group-dead-letters',
        `${messages(deadLetters)} given up by group ${group}`,
        `outbox dead-letters list --group ${group}`,
      ),
    ),
  ]
}

function messages(count: number): string {
  return count === 1 ? '1 message was' : `${count.toLocaleString('en')} messages were`
}
