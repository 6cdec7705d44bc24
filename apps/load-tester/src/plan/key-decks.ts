import { createRandom } from './random.ts'

/** How often keys occur, where some are more frequent than others: key k in proportion to 1 / (k + 1)^skew (Zipf). */
export type KeyDecks = {
  /** The key of the `ordinal`th message of a worker. */
  keyOf(worker: number, ordinal: number): number
  /** Number of that message among those of its key. */
  keySequenceOf(worker: number, ordinal: number): number
}

/** The cards of all decks together. */
const mostCards = 2 ** 20

/**
 * How many workers skewed keys can keep busy: all send alike, and the most frequent key is one worker's, so more of them
 * than 1 / its share would make it rarer than it is to be. Nor would they help, as its batches must follow each other.
 */
export function workersFor({ keys, skew }: { keys: number; skew: number }): number {
  const weights = weightsOf(keys, skew)
  return Math.max(Math.floor(sum(weights) / (weights[0] ?? 1)), 1)
}

/**
 * Deals the keys to the workers, so that all have the same weight, and makes each worker a deck of cards in which its keys
 * occur in proportion. A worker goes through its deck again and again, so what a message's key is, and which of that
 * key's messages it is, follows from its number. A key that is rarer than a card of the whole deck may not occur.
 */
export function createKeyDecks({ keys, skew, workers }: { keys: number; skew: number; workers: number }): KeyDecks {
  const weights = weightsOf(keys, skew)
  const dealt = deal(weights, workers)
  const cards = Math.floor(mostCards / workers)
  /** Of each card its key, and how many of the same key lie above it. */
  const keyOn = new Int32Array(cards * workers)
  const rankOn = new Int32Array(cards * workers)
  const occurrences = new Int32Array(keys)
  for (const [worker, own] of dealt.entries()) {
    const deck = keyOn.subarray(worker * cards, (worker + 1) * cards)
    fillInProportion(deck, own, weights)
    shuffle(deck, createRandom(worker))
    for (const [card, key] of deck.entries()) {
      const rank = occurrences[key] ?? 0
      rankOn[worker * cards + card] = rank
      occurrences[key] = rank + 1
    }
  }

  const cardOf = (worker: number, ordinal: number) => worker * cards + (ordinal % cards)
  const keyOf = (worker: number, ordinal: number) => keyOn[cardOf(worker, ordinal)] ?? 0
  return {
    keyOf,
    keySequenceOf(worker, ordinal) {
      const round = Math.floor(ordinal / cards)
      return round * (occurrences[keyOf(worker, ordinal)] ?? 0) + (rankOn[cardOf(worker, ordinal)] ?? 0)
    },
  }
}

function weightsOf(keys: number, skew: number): Float64Array {
  return Float64Array.from({ length: keys }, (_, key) => (key + 1) ** -skew)
}

function sum(numbers: Float64Array): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

/** Each key, from the heaviest on, goes to the worker that has the least so far; these stand in a heap. */
function deal(weights: Float64Array, workers: number): number[][] {
  const hands = Array.from({ length: workers }, () => ({ weight: 0, keys: [] as number[] }))
  const heap = [...hands]
  for (const [key, weight] of weights.entries()) {
    const lightest = heap[0]
    lightest?.keys.push(key)
    if (lightest !== undefined) lightest.weight += weight
    sink(heap)
  }
  return hands.map(({ keys }) => keys)
}

/** Puts the first of a heap where it belongs, after it has grown. */
function sink(heap: { weight: number }[]): void {
  const weightAt = (place: number) => heap[place]?.weight ?? Number.POSITIVE_INFINITY
  let place = 0
  for (;;) {
    const left = place * 2 + 1
    const lighter = weightAt(left + 1) < weightAt(left) ? left + 1 : left
    const [above, below] = [heap[place], heap[lighter]]
    if (above === undefined || below === undefined || above.weight <= below.weight) return
    heap[place] = below
    heap[lighter] = above
    place = lighter
  }
}

/** Rounds the sums and not the shares, so that rare keys keep their part together. */
function fillInProportion(deck: Int32Array, keys: readonly number[], weights: Float64Array): void {
  const total = keys.reduce((sum, key) => sum + (weights[key] ?? 0), 0)
  let weight = 0
  let from = 0
  for (const key of keys) {
    weight += weights[key] ?? 0
    const to = Math.round((weight / total) * deck.length)
    deck.fill(key, from, to)
    from = to
  }
}

/** By Fisher and Yates. */
function shuffle(deck: Int32Array, random: () => number): void {
  for (let last = deck.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const card = deck[last] ?? 0
    deck[last] = deck[other] ?? 0
    deck[other] = card
  }
}
