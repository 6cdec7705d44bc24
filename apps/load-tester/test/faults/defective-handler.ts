import type { Handler, InboxMessage } from '@outbox/inbox/handler'
import { handle as recordEffects } from '@outbox/ledger/ledger-handler'
import { loadtestHeader, parseLoadtestHeader } from '@outbox/ledger/loadtest-header'
import { migrateLedger } from '@outbox/ledger/migrate-ledger'

/** A CONSUMER_HANDLER that does what the ledger's does, but for one message in 100,000 of the runs that a defect names. */
export const handle: Handler = (tx, messages, context) => recordEffects(tx, spoilt(messages), context)

export const prepare = migrateLedger

/** Of each 100,000 messages the one that is treated wrongly; early, so that a small run has it, too. */
export const spoiltSequence = 10_100

/** By how the id of a run begins. */
const defects: Record<string, (messages: readonly InboxMessage[], at: number) => InboxMessage[]> = {
  drop: (messages, at) => messages.toSpliced(at, 1),
  double: (messages, at) => messages.toSpliced(at, 0, ...messages.slice(at, at + 1)),
  swap: swapWithinKey,
  corrupt: (messages, at) =>
    messages.map((message, index) => (index === at ? { ...message, value: Buffer.from('{}') } : message)),
}

function spoilt(messages: readonly InboxMessage[]): readonly InboxMessage[] {
  for (const [at, { headers }] of messages.entries()) {
    const stamp = parseLoadtestHeader(headers[loadtestHeader] ?? '')
    if (stamp === undefined || stamp.sequence % 100_000 !== spoiltSequence) continue
    return defects[stamp.run.split('-')[0] ?? '']?.(messages, at) ?? messages
  }
  return messages
}

/** With the next of its key; with the one before where that came in another transaction. */
function swapWithinKey(messages: readonly InboxMessage[], at: number): InboxMessage[] {
  const key = String(messages[at]?.key)
  const ofKey = (message: InboxMessage) => String(message.key) === key
  const next = messages.findIndex((message, index) => index > at && ofKey(message))
  const other = next < 0 ? messages.findLastIndex((message, index) => index < at && ofKey(message)) : next
  const [one, two] = [messages[at], messages[other]]
  if (one === undefined || two === undefined) throw new Error(`the message is alone in its transaction with key ${key}`)
  return messages.with(at, two).with(other, one)
}
