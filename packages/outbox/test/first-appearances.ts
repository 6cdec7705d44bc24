import { expect, vi } from 'vitest'
import { comparePlaces } from '../src/place.ts'
import type { Published } from './simulated-relay.ts'

/** Waits until each of the committed messages is in the topic. */
export async function untilPublished(topic: readonly Published[], committed: ReadonlySet<string>): Promise<void> {
  await vi.waitFor(
    () => {
      const published = new Set(topic.map(({ message }) => message.messageId))
      expect([...committed].filter((id) => !published.has(id))).toEqual([])
    },
    { timeout: 120_000, interval: 50 },
  )
}

/** The topic without repetitions, which must say the same as what they repeat. */
export function firstAppearances(topic: readonly Published[]): Published[] {
  const messageAt = new Map<string, string>()
  const placeOf = new Map<string, string>()
  return topic.filter(({ place, message }) => {
    const at = `${place.n}.${place.id}`
    const again = messageAt.has(at)
    expect(messageAt.get(at) ?? message.messageId).toBe(message.messageId)
    expect(placeOf.get(message.messageId) ?? at).toBe(at)
    messageAt.set(at, message.messageId)
    placeOf.set(message.messageId, at)
    return !again
  })
}

/** The places of a shard, and the numbers of a key. */
export function expectAscending(firsts: readonly Published[]): void {
  const shards = Map.groupBy(firsts, ({ message }) => message.shard)
  for (const inShard of shards.values()) {
    const places = inShard.map(({ place }) => place)
    expect(places).toEqual(places.toSorted(comparePlaces))
  }
  const keys = Map.groupBy(firsts, ({ message }) => message.key)
  for (const ofKey of keys.values()) {
    const numbers = ofKey.map(({ message }) => Number(message.payload))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
}
