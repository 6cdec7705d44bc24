import { comparePlaces } from '@outbox/outbox/place'
import type { InboxMessage } from './handler.ts'
import { ShardPositions } from './shard-positions.ts'

/** What is to be done about messages. */
export type FirstAppearances = {
  messages: InboxMessage[]
  /** Where the shards stand behind them. */
  positions: ShardPositions
}

/**
 * Picks the messages that a group hasn't applied, in their order: those from `nextOffset` on whose place lies behind
 * the position of their shard. In a partition the first appearances of a shard's places are ascending, so whatever
 * is at or before the position was there already: a relay published it again. A message without a place goes by its
 * offset alone.
 */
export function firstAppearances(
  messages: readonly InboxMessage[],
  { nextOffset, positions }: { nextOffset: bigint; positions: ShardPositions },
): FirstAppearances {
  const moved = new ShardPositions(positions.all)
  const first = messages.filter((message) => {
    if (message.offset < nextOffset) return false
    const { place } = message
    if (!place) return true
    const position = moved.get(place)
    if (position && comparePlaces(place, position) <= 0) return false
    moved.set(place)
    return true
  })
  return { messages: first, positions: moved }
}
