/** `unknown`: it never settled, so it took effect once or never. */
export type Outcome = 'sent' | 'failed' | 'unknown'

/** An attempt that a producer did not answer with 202: an HTTP status, with the problem's type, or the network's code. */
export type AttemptError = { producer: string; code: string; detail?: string }

/** What became of a batch. */
export type SettledBatch = {
  batch: number
  outcome: Outcome
  /** Name of the producer of the last attempt. */
  producer: string
  /** From the first attempt, or from when that was due, to the last answer. */
  latencyMs: number
  /** How long after its due time it began because the batch before it was still under way; absent where it wasn't. */
  lateMs?: number
  /** By the tester's clock, in ms since 1970. */
  settledAtMs: number
  errors: AttemptError[]
}
