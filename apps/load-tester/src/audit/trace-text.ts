import type { Whereabouts } from '@outbox/whereabouts/find-whereabouts'
import type { Trace } from './trace-message.ts'

/** Where the message is, for one group: a sentence without its end. */
export function traceText(trace: Trace, group: string): string {
  switch (trace.state) {
    case 'untold':
      return `where it is can't be told: ${trace.reason}`
    case 'not appended':
      return 'not in the outbox: no transaction has kept its batch'
    case 'gone':
      return 'no longer in the outbox: its partition is dropped, so it was published before'
    case 'in the outbox':
      return [placeText(trace.whereabouts), publishedText(trace.whereabouts), groupText(trace.whereabouts, group)]
        .filter((part) => part !== '')
        .join(', ')
  }
}

function placeText({ message, place, seenBy }: Whereabouts): string {
  if (place !== null) return `in the outbox at ${place}`
  if (seenBy !== null) return `in the outbox as row ${message.id} of shard ${message.shard}, its tick swept`
  return `in the outbox as row ${message.id} of shard ${message.shard}, which no tick has seen yet`
}

function publishedText({ parked, passed, place, seenBy, shardPosition }: Whereabouts): string {
  const [letter] = parked
  if (letter !== undefined) {
    const again = letter.resentId === null ? '' : `, on its way again as row ${letter.resentId}`
    return `a dead letter of the relay (${letter.code}: ${letter.reason})${again}`
  }
  if (place === null && seenBy === null) return ''
  return `${passed ? 'published' : 'not published'} (its shard stands at ${shardPosition})`
}

function groupText({ parked, passed, groups, failed }: Whereabouts, group: string): string {
  const letter = failed.find((one) => one.group === group)
  if (letter !== undefined) return `a dead letter of ${group} (${letter.reason})`
  if (!passed || parked.length > 0) return ''
  const { state, position } = groups.find((one) => one.group === group) ?? { state: 'unknown', position: null }
  const stands = position === null ? 'which has applied nothing of its shard' : `which stands at ${position}`
  if (state === 'applied') return `and passed by ${group}, ${stands}`
  if (state === 'not yet') return `and not yet reached by ${group}, ${stands}`
  return `and nobody knows whether ${group} has passed it`
}
