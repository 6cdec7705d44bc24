import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { migrateLedger } from '@outbox/ledger/migrate-ledger'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { SchemaError } from '@outbox/outbox/schema-error'
import type { Command } from 'commander'
import type pg from 'pg'
import { answer } from './answer.ts'
import { checkPassword } from './doctor/check-password.ts'
import { exitCodes } from './exit-codes.ts'
import { findSystem } from './find-system.ts'
import { type Operator, OperatorError } from './operator.ts'
import { withDatabase } from './with-database.ts'

const schemas = { outbox: migrateOutbox, inbox: migrateInbox, ledger: migrateLedger }

type Schema = keyof typeof schemas
type Migrated = { schema: Schema; applied: string[] }

/** It may have to wait for that of another, which may rewrite tables. */
const statementTimeoutMs = 600_000

/** `outbox migrate`: what the apps do at their start, for roles that may and moments that suit. */
export function addMigrateCommand(program: Command, operator: Operator): void {
  program
    .command('migrate')
    .description('brings the schemas outbox, inbox and ledger up to this version; the apps also do so when they start')
    .action(async (_, command: Command) => {
      const migrated = await withDatabase(command, operator, migrateAll, { statementTimeoutMs })
      answer(command, operator, { value: migrated, text: () => migrated.map(lineOf) })
      for (const { level, found } of checkPassword(findSystem(command, operator).databaseUrl)) {
        if (level !== 'ok') operator.stderr.write(`warning: ${found}\n`)
      }
    })
}

async function migrateAll(db: pg.Pool): Promise<Migrated[]> {
  const migrated: Migrated[] = []
  for (const [schema, migrate] of Object.entries(schemas) as [Schema, (typeof schemas)[Schema]][]) {
    migrated.push({ schema, applied: await migrate(db).catch(explain) })
  }
  return migrated
}

function explain(error: unknown): never {
  throw error instanceof SchemaError ? new OperatorError(error.message, exitCodes.failed) : error
}

function lineOf({ schema, applied }: Migrated): string {
  return applied.length === 0 ? `${schema}: up to date` : `${schema}: applied ${applied.join(', ')}`
}
