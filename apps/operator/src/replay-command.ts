import { planReplay, type ReplayPlan } from '@outbox/outbox/plan-replay'
import { type ReplayProgress, replayMessages } from '@outbox/outbox/replay-messages'
import { createProgressLine } from '@outbox/service/progress-line'
import { type Command, Option } from 'commander'
import type pg from 'pg'
import { answer } from './answer.ts'
import { confirm } from './confirm.ts'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'
import { replayArguments } from './replay-arguments.ts'
import { toCount } from './to-count.ts'
import { toId } from './to-id.ts'
import { type Moment, timeOf, toMoment } from './to-moment.ts'
import { withDatabase } from './with-database.ts'

type Filters = { since?: Moment; until?: Moment; topic?: string; key?: string; fromId?: bigint; toId?: bigint }
type Given = Filters & { rate: number; dryRun?: true; yes?: true }

/** `outbox replay`: messages that stand in the log are sent again, to every consumer group. */
export function addReplayCommand(program: Command, operator: Operator): void {
  program
    .command('replay')
    .description('sends published messages of the log again, as new ones; every consumer group gets them again')
    .option(
      '--since <time>',
      'appended at this time or later: 2026-11-24T13:00Z, or so long ago: 90s, 30m, 2h, 7d',
      toMoment,
    )
    .option('--until <time>', 'appended before this time, written likewise', toMoment)
    .option('--topic <topic>', 'only this topic')
    .option('--key <key>', 'only this key')
    .option('--from-id <id>', 'from this row of the log on', toId)
    .option('--to-id <id>', 'up to this row of the log', toId)
    .addOption(new Option('--rate <n>', 'messages a second').default(1_000).argParser(toCount(100_000)))
    .option('--dry-run', 'only says how many they are')
    .option('--yes', "doesn't ask before it sends more than one")
    .action(async ({ rate, dryRun, yes, ...filters }: Given, command: Command) => {
      if (Object.keys(filters).length === 0)
        throw new OperatorError('replay which ones? Name a filter; --from-id 1 means all.', exitCodes.usage)
      await withDatabase(command, operator, async (db) => {
        const plan = await plannedReplay(db, operator, filters)
        const { choice, progress, afterId, endId, ...counts } = plan
        const value = { fromId: afterId + 1n, toId: endId, ...counts }
        for (const note of notesOf(plan)) operator.stderr.write(`outbox: ${note}\n`)
        if (plan.chosen === 0) throw new OperatorError('no message is chosen; nothing was sent', exitCodes.failed)
        if (dryRun) return answer(command, operator, { value, text: () => [`chosen: ${plan.chosen}`] })
        if (plan.chosen > 1 && !yes)
          await confirm(operator, `Send ${counted(plan.chosen)} again, to every consumer group?`)
        await replay(command, operator, { db, plan, rate, value })
      })
    })
}

async function plannedReplay(
  db: pg.Pool,
  { stderr }: Operator,
  { since, until, ...others }: Filters,
): Promise<ReplayPlan> {
  const choice = {
    ...others,
    ...(since && { since: await timeOf(db, since) }),
    ...(until && { until: await timeOf(db, until) }),
  }
  const line = createProgressLine(stderr)
  const plan = await planReplay(db, choice, {
    onProgress: ({ upToId, endId }) => line.update(() => `looking through the log, id ${upToId} of ${endId}`),
  })
  line.end()
  return plan
}

type Replay = { db: pg.Pool; plan: ReplayPlan; rate: number; value: object }

/** Sends them, and says how far it came, however it ends. */
async function replay(command: Command, operator: Operator, { db, plan, rate, value }: Replay): Promise<void> {
  const line = createProgressLine(operator.stderr)
  const elsewhere = command.optsWithGlobals().databaseUrl === undefined ? '' : ' (with the same --database-url)'
  const goOn = (upToId: bigint) => `pnpm outbox replay ${replayArguments(plan, { afterId: upToId, rate })}${elsewhere}`
  let last: ReplayProgress = { replayed: 0, upToId: plan.afterId }
  try {
    last = await replayMessages(db, plan, {
      rate,
      signal: operator.interrupt(),
      onProgress(progress) {
        last = progress
        line.update(() => progressText(progress, plan))
      },
    })
  } catch (error) {
    line.note(`outbox: ${progressText(last, plan)}. To go on: ${goOn(last.upToId)}`)
    throw error
  }
  line.end()
  const next = last.upToId < plan.endId ? goOn(last.upToId) : undefined
  if (!next && last.replayed < plan.chosen)
    operator.stderr.write(
      `outbox: ${counted(plan.chosen - last.replayed)} gone from the log meanwhile, by its retention\n`,
    )
  answer(command, operator, {
    value: { ...value, ...last, ...(next && { next }) },
    text: () => [`replayed: ${last.replayed}`],
  })
  if (next)
    throw new OperatorError(`interrupted; ${progressText(last, plan)}. To go on: ${next}`, exitCodes.interrupted)
}

function progressText({ replayed, upToId }: ReplayProgress, { chosen }: ReplayPlan): string {
  return `replayed ${replayed.toLocaleString('en')} of ${counted(chosen)}, up to id ${upToId}`
}

function notesOf({ chosen, sentBefore, unpublished, parked, openWriters }: ReplayPlan): string[] {
  return [
    ...(chosen > 0
      ? [`${counted(chosen)} chosen; every consumer group gets them again, behind all that was sent since`]
      : []),
    ...(sentBefore > 0
      ? [
          `${sentBefore.toLocaleString('en')} of these had been sent again before; where the first one is chosen, too, both go`,
        ]
      : []),
    ...(unpublished > 0 ? [`${counted(unpublished)} left out: not published yet`] : []),
    ...(parked > 0 ? [`${counted(parked)} left out: among the dead letters`] : []),
    ...(openWriters > 0
      ? [
          `transactions that have written into the outbox and are still open: ${openWriters}; what they wrote is left out`,
        ]
      : []),
  ]
}

function counted(messages: number): string {
  return `${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'}`
}
