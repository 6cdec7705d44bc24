/** The size of a run. */
export type RunShape = { messages: number; batchSize: number; concurrency: number; keys: number }

/**
 * Who sends what. Everything follows from the shape, so that nothing has to be kept for each message, and an audit
 * knows of each message what it was, also when the tester is gone.
 *
 * The order of a key is only defined where its batches follow each other. So each worker owns its keys (key k is that
 * of worker k % workers), and sends a batch only after its former one is settled: worker w those that are
 * w, w + workers, w + 2 × workers, … in this order.
 */
export type RunPlan = {
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
}

/** Lowers the concurrency where there are fewer keys or batches. */
export function planRun({ messages, batchSize, concurrency, keys }: RunShape): RunPlan {
  const batches = Math.ceil(messages / batchSize)
  const workers = Math.min(concurrency, keys, batches)
  const batchOf = (sequence: number) => Math.floor(sequence / batchSize)

  /** Number of the message among its worker's; only the last batch of all may be smaller than the others. */
  const ordinal = (sequence: number) => Math.floor(batchOf(sequence) / workers) * batchSize + (sequence % batchSize)
  const workerOf = (sequence: number) => batchOf(sequence) % workers
  const keysOf = (worker: number) => Math.floor((keys - 1 - worker) / workers) + 1

  return {
    messages,
    batches,
    workers,
    keys,
    batch(batch) {
      const first = batch * batchSize
      return { first, count: Math.min(batchSize, messages - first) }
    },
    batchOf,
    keyOf(sequence) {
      const worker = workerOf(sequence)
      return worker + workers * (ordinal(sequence) % keysOf(worker))
    },
    keySequenceOf(sequence) {
      return Math.floor(ordinal(sequence) / keysOf(workerOf(sequence)))
    },
  }
}

/** The key as it stands in the message. */
export function keyName(key: number): string {
  return `key-${key}`
}
