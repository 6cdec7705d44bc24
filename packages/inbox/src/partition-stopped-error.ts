/**
 * A partition can't go on without losing or repeating something: an operator decides. The consumer stops this
 * partition alone and goes on with the others (`stopsPartition` tells the subscriber).
 */
export class PartitionStoppedError extends Error {
  readonly code: 'OUTBOX_LOG_CUT' | 'OUTBOX_TOPIC_REMADE'
  readonly stopsPartition = true
  /** What an operator can do about it. */
  readonly remedy: string

  constructor(code: PartitionStoppedError['code'], { message, remedy }: { message: string; remedy: string }) {
    super(`${message}. ${remedy}`)
    this.name = 'PartitionStoppedError'
    this.code = code
    this.remedy = remedy
  }
}
