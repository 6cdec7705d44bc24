import { deadLettersOf } from '@outbox/outbox/dead-letters-of'
import {
  type FoundMessage,
  findMessageById,
  findMessageByUuid,
  findMessageNearItsTime,
} from '@outbox/outbox/find-message'
import { tellsItsTime } from '@outbox/outbox/message-id'
import type { Queryable } from '@outbox/outbox/queryable'
import { findWhereabouts } from '@outbox/whereabouts/find-whereabouts'
import { type Command, InvalidArgumentError } from 'commander'
import { answer } from './answer.ts'
import { exitCodes } from './exit-codes.ts'
import { findSystem, withBrokers } from './find-system.ts'
import { groupsAtEnd } from './groups-at-end.ts'
import { type Operator, OperatorError } from './operator.ts'
import { isId } from './to-id.ts'
import { whereaboutsText } from './whereabouts-text.ts'
import { withDatabase } from './with-database.ts'

/** The row's id in the log, or the message's uuid. */
type Name = { id: bigint } | { messageId: string }

/** `outbox find ID`: how far a message has come on its way from the log to the groups. */
export function addFindCommand(program: Command, operator: Operator): void {
  withBrokers(program.command('find'))
    .description('where a message is: its place, whether it is published, which groups have applied it')
    .argument('<id>', "the message's id (a uuid), or its row's id in the log", toName)
    .option('--scan', 'looks through the whole log for it, not only around the time that the uuid names')
    .action(async (name: Name, { scan = false }: { scan?: boolean }, command: Command) => {
      const { kafka } = findSystem(command, operator)
      const whereabouts = await withDatabase(command, operator, async (db) => {
        const message = await findMessage(db, name, scan)
        if (message === undefined) throw new OperatorError(await whyNone(db, name, scan), exitCodes.failed)
        return await findWhereabouts(db, message, (at) => groupsAtEnd(db, { ...at, kafka }))
      })
      answer(command, operator, { value: whereabouts, text: (layout) => whereaboutsText(whereabouts, layout) })
    })
}

async function findMessage(db: Queryable, name: Name, scan: boolean): Promise<FoundMessage | undefined> {
  if ('id' in name) return await findMessageById(db, name.id)
  const { messageId } = name
  if (scan) return await findMessageByUuid(db, messageId, 'all')
  return await findMessageNearItsTime(db, messageId)
}

async function whyNone(db: Queryable, name: Name, scan: boolean): Promise<string> {
  const [parked] = await deadLettersOf(db, name)
  const text = 'id' in name ? `row ${name.id}` : `message ${name.messageId}`
  if (parked) return `${text} is no longer in the log, but a dead letter: outbox dead-letters show ${parked.id}`
  const gone = 'it was dropped with an old partition, rolled back, or its transaction is still open'
  if ('id' in name || scan) return `${text} is not in the log: ${gone}`
  if (!tellsItsTime(name.messageId))
    return `${text} is no uuid of version 7, so nothing says when it was appended: use --scan`
  return `${text} is not in the log within 10 minutes of its time: ${gone}; or its producer's clock was off: use --scan`
}

function toName(text: string): Name {
  if (isId(text)) return { id: BigInt(text) }
  const messageId = text.toLowerCase()
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(messageId)) return { messageId }
  throw new InvalidArgumentError("Write a message's id, which is a uuid, or a row's id, which is a whole number.")
}
