import { type Adoption, adoptLog, planAdoption } from '@outbox/outbox/adopt-log'
import { sqlState } from '@outbox/service/database-error'
import { createProgressLine } from '@outbox/service/progress-line'
import type { Layout } from '@outbox/service/text-layout'
import type { Command } from 'commander'
import type pg from 'pg'
import { answer } from './answer.ts'
import { confirm } from './confirm.ts'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'
import { withDatabase } from './with-database.ts'

type Given = { dryRun?: true; yes?: true }

const lockNotAvailable = '55P03'
/** A partition of the log is rewritten by one statement. */
const statementTimeoutMs = 86_400_000

/** `outbox adopt`: makes the log this cluster's own, after its database was restored from a dump. */
export function addAdoptCommand(program: Command, operator: Operator): void {
  program
    .command('adopt')
    .description('makes the log fit for this cluster, once, after its database was restored from a dump')
    .option('--dry-run', 'only says what it would do')
    .option('--yes', "doesn't ask")
    .action(async ({ dryRun, yes }: Given, command: Command) => {
      const adoptDatabase = async (db: pg.Pool) => {
        const planned = await planAdoption(db)
        if (planned === undefined || dryRun) return { adopted: false, ...planned }
        if (!yes) await confirm(operator, questionOf(planned))
        return { adopted: true, ...(await adopt(db, operator)) }
      }
      const result = await withDatabase(command, operator, adoptDatabase, { statementTimeoutMs })
      answer(command, operator, { value: result, text: (layout) => textOf(result, layout) })
    })
}

async function adopt(db: pg.Pool, operator: Operator): Promise<Adoption | undefined> {
  const line = createProgressLine(operator.stderr)
  try {
    return await adoptLog(db, { onPartition: (name) => line.update(() => `adopting ${name}`) })
  } catch (error) {
    if (sqlState(error) !== lockNotAvailable) throw error
    const message =
      'somebody who has written into the outbox keeps the transaction open (see outbox status); nothing was changed'
    throw new OperatorError(message, exitCodes.failed)
  } finally {
    line.end()
  }
}

function questionOf({ published, unpublished }: Adoption): string {
  const counts = `${published.toLocaleString('en')} messages are published, ${unpublished.toLocaleString('en')} are to be.`
  return `${counts} Rewrite all rows of the log, while nobody can append?`
}

function textOf({ adopted, ...counts }: { adopted: boolean } & Partial<Adoption>, layout: Layout): string[] {
  const { published, unpublished, begun } = counts
  if (published === undefined || unpublished === undefined || begun === undefined)
    return ['nothing to adopt: the log was written in this cluster']
  const numbers: [string, string][] = [
    ['Published', published.toLocaleString('en')],
    [
      'To be published',
      `${unpublished.toLocaleString('en')}, of which ${begun.toLocaleString('en')} may be in their topic already and keep their places`,
    ],
  ]
  return [adopted ? 'adopted: relays may be started' : 'to be adopted', ...layout.pairs(numbers)]
}
