import { inboxMigrations } from '@outbox/inbox/migrate-inbox'
import { ledgerMigrations } from '@outbox/ledger/migrate-ledger'
import { outboxMigrations } from '@outbox/outbox/migrate-outbox'
import { type MigrationState, migrationState } from '@outbox/outbox/migration-state'
import type { Queryable } from '@outbox/outbox/queryable'
import { type Finding, ok, wrong } from './finding.ts'

/** Whether the schemas are this version's, and which of those are there that other checks look into. */
export type Schemas = { findings: Finding[]; has: { outbox: boolean; inbox: boolean } }

export async function checkSchemas(db: Queryable): Promise<Schemas> {
  const outbox = await migrationState(db, outboxMigrations)
  const inbox = await migrationState(db, inboxMigrations)
  const ledger = await migrationState(db, ledgerMigrations)
  return {
    findings: [
      outbox.applied === 0
        ? wrong(
            'schema-outbox',
            'there is no outbox in this database',
            'outbox migrate, or name another with --database-url',
          )
        : schemaFinding('outbox', outbox),
      schemaFinding('inbox', inbox),
      schemaFinding('ledger', ledger),
    ],
    has: { outbox: outbox.applied > 0, inbox: inbox.applied > 0 },
  }
}

/** Consumers may keep their inbox elsewhere, and only load tests need the ledger. */
function schemaFinding(schema: string, { applied, known, pending }: MigrationState): Finding {
  const check = `schema-${schema}`
  if (applied === 0) return ok(check, `there is no schema ${schema} here, nor need there be`)
  if (applied > known) return wrong(check, `the schema ${schema} is newer than this version`, 'run a newer version')
  if (pending.length > 0) return wrong(check, `the schema ${schema} lacks ${pending.join(', ')}`, 'outbox migrate')
  return ok(check, `the schema ${schema} is up to date`)
}
