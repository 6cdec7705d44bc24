import type { Whereabouts } from '@outbox/whereabouts/find-whereabouts'
import type { FindingKind } from '../report/report.ts'
import type { Trace } from './trace-message.ts'

/** What to look at next, for one group: a sentence without its end. */
export function whatToLookAt(kind: FindingKind, trace: Trace, group: string): string {
  const find = findCommand(trace)
  switch (kind) {
    case 'lost':
      return afterLoss(trace, group)
    case 'duplicated':
      return `the handler of ${group}, whether all that it does is in its transaction; and whether its positions were set back${find}`
    case 'outOfOrder':
      return `the places of this message and of the one behind it: if they descend, the writers didn't wait for each other; if they ascend, ${group} applied them otherwise${find}`
    case 'corrupt':
      return `what the topic holds of it, to see whether it changed before or behind Kafka${find}`
    case 'foreign':
      return trace.state === 'in the outbox' || trace.state === 'gone'
        ? `the producers' logs: one committed what it did not answer with 202${find}`
        : 'who else writes into the topic under the id of this run'
  }
}

function afterLoss(trace: Trace, group: string): string {
  switch (trace.state) {
    case 'untold':
      return 'the database first; then audit the run again'
    case 'not appended':
      return 'the log of the producer that took it, and whether the database went back to an older state'
    case 'gone':
      return `the dead letters of ${group}, and its handler: npm run outbox -- dead-letters list --group ${group}`
    case 'in the outbox':
      return afterLossOf(trace.whereabouts, group)
  }
}

function afterLossOf({ message, parked, failed, passed, groups }: Whereabouts, group: string): string {
  const [letter] = parked
  if (letter !== undefined) return `its dead letter: npm run outbox -- dead-letters show ${letter.id}`
  if (failed.some((one) => one.group === group))
    return `its dead letter: npm run outbox -- dead-letters list --group ${group}`
  if (!passed) return 'the relay, whether one runs and what it logs: npm run outbox -- status'
  if (groups.find((one) => one.group === group)?.state === 'not yet')
    return `the consumers of ${group}, whether they run and what they log: npm run outbox -- status`
  return `the handler of ${group}, which was given it and left no effect, and the log of its consumers: npm run outbox -- find ${message.id}`
}

function findCommand(trace: Trace): string {
  return trace.state === 'in the outbox' ? `: npm run outbox -- find ${trace.whereabouts.message.id}` : ''
}
