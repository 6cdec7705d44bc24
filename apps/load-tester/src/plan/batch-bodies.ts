import { formatLoadtestHeader } from '@outbox/ledger/loadtest-header'
import type { Payload } from './payload-file.ts'
import { keyName, type RunPlan } from './run-plan.ts'

/** What the producers take when a message names no topic. */
const defaultTopic = 'shared-events'

/** `payloadOf`: of a message's sequence. */
export type BodyOptions = { run: string; topic: string; payloadOf: (sequence: number) => Payload }

/**
 * The body of each request of a run, for `POST /messages`. Put together from text: all parts are known to need no
 * escaping, and the tester shares the machine with what it measures.
 */
export function createBatchBodies(plan: RunPlan, { run, topic, payloadOf }: BodyOptions) {
  const topicField = topic === defaultTopic ? '' : `"topic":"${topic}",`

  function message(sequence: number, sentAtMs: number): string {
    const { text, checksum } = payloadOf(sequence)
    const keySequence = plan.keySequenceOf(sequence)
    const stamp = formatLoadtestHeader({ run, sequence, keySequence, sentAtMs, checksum })
    return `{${topicField}"key":"${keyName(plan.keyOf(sequence))}","payload":${text},"headers":{"loadtest":"${stamp}"}}`
  }

  return (batch: number, sentAtMs: number): string => {
    const { first, count } = plan.batch(batch)
    let body = '{"messages":['
    for (let sequence = first; sequence < first + count; sequence += 1) {
      body += sequence === first ? message(sequence, sentAtMs) : `,${message(sequence, sentAtMs)}`
    }
    return `${body}]}`
  }
}
