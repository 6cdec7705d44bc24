import type { Layout } from '@outbox/service/text-layout'
import type { Whereabouts } from './find-whereabouts.ts'
import { plain, bytes as size } from './show.ts'

/** How far a message has come, as lines of text. */
export function whereaboutsText(found: Whereabouts, layout: Layout): string[] {
  const { message, parked, failed, groups } = found
  const { id, messageId, originalId, topic, key, shard, bytes, createdAt } = message
  const facts: [string, string][] = [
    ['Row', `${id}`],
    ['Message id', messageId],
    ...(originalId === null ? [] : [['First id', originalId] as [string, string]]),
    ['Topic', topic],
    ['Key', plain(key ?? '–')],
    ['Payload', bytes === null ? 'null, a tombstone' : size(bytes)],
    ['Appended', createdAt.toISOString()],
    ['Shard', `${shard}`],
    ['Place', placeText(found)],
    ['Published', publishedText(found)],
    ...parked.map((letter): [string, string] => [
      'Dead letter',
      plain(`${letter.id}: ${letter.code}, ${letter.reason}`),
    ]),
    ...failed.map(({ group, id, reason }): [string, string] => [`Failed by ${group}`, plain(`${id}: ${reason}`)]),
  ]
  const rows = groups.map(({ group, state }) => [group, state])
  return [
    ...layout.pairs(facts, 0),
    '',
    'Consumer groups',
    ...(rows.length === 0 ? ['  none'] : layout.table(['', 'state'], rows)),
  ]
}

function placeText({ place, seenBy }: Whereabouts): string {
  if (place !== null) return place
  return seenBy === null ? 'none yet: no tick has seen its commit' : 'forgotten: its tick is swept'
}

function publishedText({ passed, parked, partition }: Whereabouts): string {
  if (parked.some(({ ambiguous }) => ambiguous)) return 'perhaps: it is a dead letter that may be in the topic'
  if (parked.length > 0) return 'no: it is a dead letter'
  if (!passed) return 'not yet'
  return partition === null ? 'yes' : `yes, in partition ${partition}`
}
