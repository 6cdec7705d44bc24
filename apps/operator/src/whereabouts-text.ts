import type { Layout } from '@outbox/service/text-layout'
import type { Whereabouts } from '@outbox/whereabouts/find-whereabouts'
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
    ...parked.map((letter): [string, string] => ['Dead letter', deadLetterText(letter)]),
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

function deadLetterText({ id, code, reason, resentId }: Whereabouts['parked'][number]): string {
  const again = resentId === null ? '' : `; on its way again as row ${resentId}`
  return plain(`${id}: ${code}, ${reason}${again}`)
}

function placeText({ place, seenBy }: Whereabouts): string {
  if (place !== null) return place
  return seenBy === null ? 'none yet: no tick has seen its commit' : 'forgotten: its tick is swept'
}

function publishedText({ message, passed, parked, partition }: Whereabouts): string {
  const own = parked.find(({ id }) => id === message.id)
  if (own) return own.ambiguous ? 'perhaps: it is a dead letter that may be in the topic' : 'no: it is a dead letter'
  if (!passed) return 'not yet'
  if (parked.length > 0) return 'unsure: a dead letter has the same first id'
  return partition === null ? 'yes' : `yes, in partition ${partition}`
}
