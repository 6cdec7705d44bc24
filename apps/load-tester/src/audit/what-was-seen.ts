import type { Effect } from '@outbox/ledger/stream-effects'
import type { RunPlan } from '../plan/run-plan.ts'
import type { BatchState } from '../record/batch-outcomes.ts'

/** Of a message without effect, by what is known of its batch. */
export const whyMissing = {
  sent: 'a producer answered 202, and nothing took effect',
  unknown: 'the answer to its batch was lost, a part of the batch took effect, and this message did not',
}

/** Of an effect that ought not to be there. */
export function whyForeign(
  sequence: number,
  { messages, batchOf }: RunPlan,
  stateOf: (batch: number) => BatchState,
): string {
  if (sequence < 0 || sequence >= messages) return `took effect, though the run ends with sequence ${messages - 1}`
  return `took effect, though its batch was ${stateOf(batchOf(sequence)) === 'failed' ? 'refused' : 'never sent'}`
}

/** Of an effect whose message arrived otherwise than it was sent. */
export function whatChanged(effect: Effect, sent: { key: string; keySequence: number }): string {
  const { checksumSent, checksumReceived, key, keySequence } = effect
  const changes = [
    ...(checksumReceived === checksumSent
      ? []
      : [`a payload with checksum ${checksumReceived} instead of ${checksumSent}`]),
    ...(key === sent.key ? [] : [`${key === null ? 'no key' : `key ${key}`} instead of ${sent.key}`]),
    ...(keySequence === sent.keySequence ? [] : [`number ${keySequence} of its key instead of ${sent.keySequence}`]),
  ]
  return `arrived with ${changes.join(', ')}`
}

/** 14:03:07.250, in UTC. */
export function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23)
}
