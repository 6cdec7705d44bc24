import { appendMessages, type OutboxMessage, originalIdHeader } from './append-messages.ts'
import type { Transaction } from './transaction.ts'

/** A message that stands, or stood, in the log. */
export type SentMessage = {
  message_id: string
  topic: string
  key: string | null
  payload: Buffer | null
  headers: Record<string, string> | null
}

/**
 * Appends messages anew, within the caller's transaction. Each gets a new id and place, since a place that is sent again behind
 * later ones would be taken for a duplicate; {@link originalIdHeader} keeps the id that it had first, also where it was sent again before.
 * @returns the new ids, in the same order
 */
export async function appendAgain(tx: Transaction, messages: readonly SentMessage[]): Promise<string[]> {
  return await appendMessages(tx, messages.map(outboxMessage), { originalIds: messages.map(originalIdOf) })
}

/** The id under which it was appended first. */
export function originalIdOf({ message_id, headers }: SentMessage): string {
  return headers?.[originalIdHeader] ?? message_id
}

function outboxMessage({ topic, key, payload, headers }: SentMessage): OutboxMessage {
  const { [originalIdHeader]: _, ...own } = headers ?? {}
  return { topic, key, payload, headers: own }
}
