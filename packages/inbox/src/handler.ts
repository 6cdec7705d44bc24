import type { ClientBase } from 'pg'
import type { DeliveredMessage } from './delivered-batch.ts'
import type { MessagePlace } from './message-place.ts'

/**
 * Changes the database by messages, each of which it gets once and in the order of its key.
 *
 * It runs in the transaction that moves the group's position, and whatever it throws rolls both back: it must not
 * commit, and its effects must be in that transaction. The messages are some thousands at most, of one partition.
 *
 * What it throws may quote them: its words are kept with the dead letter, and the log has only class, code and stack.
 */
export type Handler = (tx: ClientBase, messages: readonly InboxMessage[], context: HandlerContext) => Promise<void>

/** A message as a handler gets it. */
export type InboxMessage = DeliveredMessage & {
  /** Where it stands in its outbox's log; undefined when some other producer wrote it. */
  place: MessagePlace | undefined
  /** uuid v7 from the outbox; its time is that of the append. */
  messageId: string | undefined
  /**
   * It was sent again (a dead letter of the outbox, an operator's replay), or it is a dead letter of this group: it comes after
   * its turn, and may have taken effect before.
   */
  replayed: boolean
}

/** Whose turn it is. */
export type HandlerContext = { group: string; topic: string; partition: number }
