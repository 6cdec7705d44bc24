import { comparePlaces } from '@outbox/outbox/place'
import type { InboxMessage } from './handler.ts'
import type { MessagePlace } from './message-place.ts'

/** Places by shard: the last one applied of each `log/shard`. */
export type Positions = ReadonlyMap<string, MessagePlace>

/** What is to be done about messages. */
export type FirstAppearances = {
  messages: InboxMessage[]
  /** The positions that move, and where to. */
  moved: Positions
}

/**
 * Picks the messages that a group hasn't applied, in their order: those from `nextOffset` on whose place lies behind
 * the position of their shard. In a partition the first appearances of a shard's places are ascending, so whatever
 * is at or before the position was there already: a relay published it again. A message without a place goes by its
 * offset alone.
 */
export function firstAppearances(
  messages: readonly InboxMessage[],
  { nextOffset, positions }: { nextOffset: bigint; positions: Positions },
): FirstAppearances {
  const moved = new Map<string, MessagePlace>()
  const first = messages.filter((message) => {
    if (message.offset < nextOffset) return false
    const { place } = message
    if (!place) return true
    const shard = shardKey(place)
    const position = moved.get(shard) ?? positions.get(shard)
    if (position && comparePlaces(place, position) <= 0) return false
    moved.set(shard, place)
    return true
  })
  return { messages: first, moved }
}

/** The name of a log's shard, within a partition. */
export function shardKey({ log, shard }: Pick<MessagePlace, 'log' | 'shard'>): string {
  return `${log}/${shard}`
}
