import { countDeadLettersOf } from '@outbox/inbox/count-dead-letters'
import { discardDeadLetters } from '@outbox/inbox/discard-dead-letters'
import { type DeadLetter, listDeadLetters } from '@outbox/inbox/list-dead-letters'
import { requestReplay } from '@outbox/inbox/request-replay'
import type { Layout } from '@outbox/service/text-layout'
import type { Command } from 'commander'
import { answer } from './answer.ts'
import { confirm } from './confirm.ts'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'
import { plain } from './show.ts'
import { withDatabase } from './with-database.ts'

/** What a list of a group may be told; all else is about the outbox's dead letters. */
export type GroupPage = { group: string; after?: bigint; limit: number }

/** Those named, or all of a group. */
type GroupChoice = { group: string; ids?: bigint[] }

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
  { group, ids }: GroupChoice,
): Promise<number> {
  const asked = await withDatabase(command, operator, (db) => requestReplay(db, { group, ...(ids && { ids }) }))
  if (asked === 0) throw new OperatorError(`group ${group} has no such dead letter`, exitCodes.failed)
  return asked
}

/** Deletes them, those named or all; more than one only after a yes. @returns how many */
export async function discardOfGroup(
  command: Command,
  operator: Operator,
  { yes = false, ...chosen }: GroupChoice & { yes?: boolean | undefined },
): Promise<number> {
  const { group, ids } = chosen
  const discarded = await withDatabase(command, operator, async (db) => {
    const count = ids?.length ?? (await countDeadLettersOf(db, { group, atMost: Number.MAX_SAFE_INTEGER }))
    if (count > 1 && !yes) await confirm(operator, `Discard ${count} dead letters of ${group}?`)
    return await discardDeadLetters(db, chosen)
  })
  if (discarded === 0) throw new OperatorError(`group ${group} has no such dead letter`, exitCodes.failed)
  return discarded
}
