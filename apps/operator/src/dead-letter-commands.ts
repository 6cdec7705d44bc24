import { discardDeadLetters } from '@outbox/outbox/discard-dead-letters'
import { countDeadLetters, findDeadLetters, readDeadLetter } from '@outbox/outbox/find-dead-letters'
import { requeueDeadLetters } from '@outbox/outbox/requeue-dead-letters'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type pg from 'pg'
import { answer } from './answer.ts'
import { confirm } from './confirm.ts'
import { deadLetterTable, deadLetterText } from './dead-letter-text.ts'
import { exitCodes } from './exit-codes.ts'
import { discardOfGroup, type GroupPage, listOfGroup, requeueOfGroup } from './group-dead-letters.ts'
import { type Operator, OperatorError } from './operator.ts'
import { toCount } from './to-count.ts'
import { toId } from './to-id.ts'
import { withDatabase } from './with-database.ts'

type Filters = { topic?: string; key?: string; code?: string; olderThan?: string }
type Chosen = Filters & { ids?: bigint[] }
type Change = Filters & { all?: true; dryRun?: true; yes?: true }
type Discard = Change & { group?: string }
type Requeue = Change & { group?: string; ambiguous?: true }

/** `outbox dead-letters …`: the messages that Kafka refused for good, and with `--group` those that a group's handler failed. */
export function addDeadLetterCommands(program: Command, operator: Operator): void {
  const commands = program
    .command('dead-letters')
    .helpCommand(false)
    .description('messages that Kafka refused for good; with --group those that a consumer group failed')

  withFilters(commands.command('list').description('the oldest first'))
    .option('--group <group>', "those that this consumer group's handler failed")
    .option('--after <id>', 'goes on behind this one', toId)
    .addOption(new Option('--limit <n>', 'how many at most').default(100).argParser(toCount(10_000)))
    .action(async ({ group, after, limit, ...filters }: Filters & Partial<GroupPage>, command: Command) => {
      const page = { limit: limit ?? 100, ...(after !== undefined && { after }) }
      if (group !== undefined) return listOfGroup(command, operator, { ...page, group: onlyOf(group, filters) })
      const letters = await withDatabase(command, operator, (db) => findDeadLetters(db, filters, page))
      answer(command, operator, { value: letters, text: (layout) => deadLetterTable(letters, layout) })
    })

  commands
    .command('show')
    .description('one of them, with its payload')
    .argument('<id>', 'as list shows it', toId)
    .action(async (id: bigint, _: object, command: Command) => {
      const letter = await withDatabase(command, operator, (db) => readDeadLetter(db, id))
      if (!letter) throw new OperatorError(`there is no dead letter ${id}`, exitCodes.failed)
      answer(command, operator, { value: letter, text: (layout) => deadLetterText(letter, layout) })
    })

  withChoice(commands.command('requeue'))
    .description('has the relay send them again at once; each gets a new id and keeps its first one as a header')
    .option('--group <group>', 'asks this consumer group to apply those again that its handler failed')
    .option('--ambiguous', 'also those that may be in the topic already')
    .action(async (ids: bigint[] | undefined, { group, ambiguous, ...given }: Requeue, command: Command) => {
      const chosen = choose('requeue', ids, given)
      if (group !== undefined) {
        const { all, yes, ...others } = given
        onlyOf(group, others)
        const requeued = await requeueOfGroup(command, operator, { group, ...(chosen.ids && { ids: chosen.ids }) })
        return report(command, operator, { requeued })
      }
      const filter = ambiguous ? chosen : { ...chosen, ambiguous: false }
      const requeued = await withDatabase(command, operator, async (db) => {
        const unsure = ambiguous ? 0 : await countDeadLetters(db, { ...chosen, ambiguous: true })
        if (unsure > 0) {
          const note = `${unsure} of them may be in the topic already, and would then take effect twice; --ambiguous includes them`
          operator.stderr.write(`outbox: ${note}\n`)
        }
        return await change(db, { filter, given, question: 'Requeue', act: requeueDeadLetters })
      })
      report(command, operator, given.dryRun ? { chosen: requeued } : { requeued })
    })

  withChoice(commands.command('discard'))
    .description('deletes them: nobody will get these messages')
    .option('--group <group>', "those that this consumer group's handler failed: the others keep theirs")
    .action(async (ids: bigint[] | undefined, { group, ...given }: Discard, command: Command) => {
      const filter = choose('discard', ids, given)
      if (group !== undefined) {
        const { all, yes, ...others } = given
        onlyOf(group, others)
        const chosen = { group, yes, ...(filter.ids && { ids: filter.ids }) }
        return report(command, operator, { discarded: await discardOfGroup(command, operator, chosen) })
      }
      const discarded = await withDatabase(command, operator, (db) =>
        change(db, { filter, given, question: 'Discard', act: discardDeadLetters }),
      )
      report(command, operator, given.dryRun ? { chosen: discarded } : { discarded })
    })

  /** @returns how many were changed, or with `--dry-run` would be */
  async function change(db: pg.Pool, { filter, given, question, act }: ChangeOf): Promise<number> {
    const count = await countDeadLetters(db, filter)
    if (count === 0) throw new OperatorError('no dead letter is chosen; nothing was changed', exitCodes.failed)
    if (given.dryRun) return count
    if (count > 1 && !given.yes) await confirm(operator, `${question} ${count} dead letters?`)
    return await act(db, filter)
  }
}

type ChangeOf = {
  filter: Chosen & { ambiguous?: boolean }
  given: Change
  question: string
  act: (db: pg.Pool, filter: Chosen & { ambiguous?: boolean }) => Promise<number>
}

/** Which ones a change is about. @throws {OperatorError} for none named, lest all are meant by mistake */
function choose(name: string, ids: bigint[] | undefined, { all, dryRun, yes, ...filters }: Change): Chosen {
  const named = ids !== undefined && ids.length > 0
  if (!all && !named && Object.keys(filters).length === 0) {
    throw new OperatorError(`${name} which ones? Name ids or a filter, or say --all.`, exitCodes.usage)
  }
  return { ...filters, ...(named && { ids }) }
}

/** @throws {OperatorError} when a filter is given that a group's dead letters don't have */
function onlyOf(group: string, others: object): string {
  const [other] = Object.keys(others)
  if (other === undefined) return group
  const option = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new OperatorError(
    `--${option} is not for the dead letters of a group: name ids, or leave it out`,
    exitCodes.usage,
  )
}

function report(command: Command, operator: Operator, count: Record<string, number>): void {
  answer(command, operator, { value: count, text: () => Object.entries(count).map((each) => each.join(': ')) })
}

function withFilters(command: Command): Command {
  return command
    .option('--topic <topic>', 'only this topic')
    .option('--key <key>', 'only this key')
    .option('--code <code>', 'only this reason, such as MESSAGE_TOO_LARGE')
    .option('--older-than <age>', 'only those parked so long ago: 90s, 30m, 2h, 7d', toAge)
}

function withChoice(command: Command): Command {
  return withFilters(command)
    .argument('[id...]', 'which ones; else by the options', (id: string, ids: bigint[] = []) => [...ids, toId(id)])
    .option('--all', 'all that there are')
    .option('--dry-run', 'only says how many they are')
    .option('--yes', "doesn't ask before it changes more than one")
}

function toAge(text: string): string {
  if (!/^[1-9][0-9]{0,8}(s|m|h|d)$/.test(text)) throw new InvalidArgumentError('Write 90s, 30m, 2h or 7d.')
  return text
}
