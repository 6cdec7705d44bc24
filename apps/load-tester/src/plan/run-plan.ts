import { createKeyDecks, type KeyDecks, workersFor } from './key-decks.ts'

/**
 * The size of a run; no `messages`: it goes on until it is ended. `keySkew`: the exponent of a Zipf distribution of the
 * keys; absent or 0: all are as frequent.
 */
export type RunShape = { messages?: number; batchSize: number; concurrency: number; keys: number; keySkew?: number }

/**
 * Who sends what. Everything follows from the shape, so that nothing has to be kept for each message, and an audit
 * knows of each message what it was, also when the tester is gone.
 *
 * The order of a key is only defined where its batches follow each other. So each worker owns its keys, and sends a batch only after its former one is settled: worker w those that are
 * w, w + workers, w + 2 × workers, … in this order.
 */
export type RunPlan = {
  /** An upper bound, where a run goes on until it is ended. */
  messages: number
  batches: number
  workers: number
  keys: number
  /** The messages of a batch: their first sequence, and how many. */
  batch(batch: number): { first: number; count: number }
  batchOf(sequence: number): number
  /** Number of the message's key. */
  keyOf(sequence: number): number
  /** Number of the message among those of its key. */
  keySequenceOf(sequence: number): number
  /** The same, but for its end: of a run that was ended before the others of its batches began. */
  upTo(batches: number): RunPlan
}

/** The ledger's numbers have 31 bits. */
const mostMessages = 2 ** 31 - 1

/** Lowers the concurrency where there are fewer keys or batches, or one key is too frequent for so many workers. */
export function planRun({ messages = mostMessages, batchSize, concurrency, keys, keySkew = 0 }: RunShape): RunPlan {
  const batches = Math.ceil(messages / batchSize)
  const skewed = keySkew > 0
  const workers = Math.min(concurrency, batches, skewed ? workersFor({ keys, skew: keySkew }) : keys)
  const dealt = skewed ? createKeyDecks({ keys, skew: keySkew, workers }) : evenKeys(keys, workers)
  const batchOf = (sequence: number) => Math.floor(sequence / batchSize)

  /** Number of the message among its worker's; only the last batch of all may be smaller than the others. */
  const ordinal = (sequence: number) => Math.floor(batchOf(sequence) / workers) * batchSize + (sequence % batchSize)
  const workerOf = (sequence: number) => batchOf(sequence) % workers

  const plan: Omit<RunPlan, 'messages' | 'batches' | 'upTo'> = {
    workers,
    keys,
    batch(batch) {
      const first = batch * batchSize
      return { first, count: Math.min(batchSize, messages - first) }
    },
    batchOf,
    keyOf: (sequence) => dealt.keyOf(workerOf(sequence), ordinal(sequence)),
    keySequenceOf: (sequence) => dealt.keySequenceOf(workerOf(sequence), ordinal(sequence)),
  }
  const upTo = (end: number): RunPlan => {
    const cut = Math.min(end, batches)
    return { ...plan, messages: Math.min(cut * batchSize, messages), batches: cut, upTo }
  }
  return upTo(batches)
}

/** Key k is that of worker k % workers, which takes its keys in turn. */
function evenKeys(keys: number, workers: number): KeyDecks {
  const keysOf = (worker: number) => Math.floor((keys - 1 - worker) / workers) + 1
  return {
    keyOf: (worker, ordinal) => worker + workers * (ordinal % keysOf(worker)),
    keySequenceOf: (worker, ordinal) => Math.floor(ordinal / keysOf(worker)),
  }
}

/** The key as it stands in the message. */
export function keyName(key: number): string {
  return `key-${key}`
}
