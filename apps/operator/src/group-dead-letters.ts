import { type DeadLetter, listDeadLetters } from '@outbox/inbox/list-dead-letters'
import { requestReplay } from '@outbox/inbox/request-replay'
import type { Layout } from '@outbox/service/text-layout'
import type { Command } from 'commander'
import { answer } from './answer.ts'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'
import { plain } from './show.ts'
import { withDatabase } from './with-database.ts'

/** What a list of a group may be told; all else is about the outbox's dead letters. */
export type GroupPage = { group: string; after?: bigint; limit: number }

/** Prints the messages that a group's handler failed for good; they are that group's affair alone. */
export async function listOfGroup(command: Command, operator: Operator, page: GroupPage): Promise<void> {
  const letters = await withDatabase(command, operator, (db) => listDeadLetters(db, page))
  answer(command, operator, { value: letters, text: (layout) => tableOf(letters, layout) })
}

function tableOf(letters: readonly DeadLetter[], layout: Layout): string[] {
  if (letters.length === 0) return ['no dead letters']
  const rows = letters.map(({ id, topic, partition, offset, attempts, reason, replayRequestedAt }) => [
    `${id}`,
    `${topic}/${partition} at ${offset}`,
    `${attempts}`,
    plain(replayRequestedAt === null ? reason : `asked for: ${reason}`),
  ])
  return layout.table(['id', 'offset', 'attempts', 'reason'], rows)
}

/** Asks the group to apply them again, those named or all: whichever member is there does it. @returns how many were asked for */
export async function requeueOfGroup(
  command: Command,
  operator: Operator,
  { group, ids }: { group: string; ids?: bigint[] },
): Promise<number> {
  const asked = await withDatabase(command, operator, (db) => requestReplay(db, { group, ...(ids && { ids }) }))
  if (asked === 0) throw new OperatorError(`group ${group} has no such dead letter`, exitCodes.failed)
  return asked
}
