import { countDeadLettersByGroup } from '@outbox/inbox/count-dead-letters'
import type { Queryable } from '@outbox/outbox/queryable'
import { isConnectionLost, sqlState } from '@outbox/service/database-error'
import type { SystemAddresses } from '../find-system.ts'
import { checkClock } from './check-clock.ts'
import { checkDeadLetters } from './check-dead-letters.ts'
import { checkKafka } from './check-kafka.ts'
import { checkOrigin } from './check-origin.ts'
import { checkPartitions } from './check-partitions.ts'
import { checkPassword } from './check-password.ts'
import { checkPositions } from './check-positions.ts'
import { checkPrivileges } from './check-privileges.ts'
import { checkRelays } from './check-relays.ts'
import { checkSchemas } from './check-schemas.ts'
import { checkServer } from './check-server.ts'
import { checkTransactions } from './check-transactions.ts'
import { type Finding, wrong } from './finding.ts'

/** Runs all checks that the database has the schemas for. A check that the database refuses is itself a finding. */
export async function examine(db: Queryable, { databaseUrl, kafka }: SystemAddresses): Promise<Finding[]> {
  const findings = [
    ...(await checkServer(databaseUrl)),
    ...checkPassword(databaseUrl),
    ...(await checkClock(db)),
    ...(await checkPrivileges(db)),
  ]
  const schemas = await attempt('schemas', async () => {
    const { findings: found, has } = await checkSchemas(db)
    findings.push(...found)
    return has
  })
  if ('refused' in schemas) return [...findings, schemas.refused]
  const has = schemas.value
  if (!has.outbox) return findings
  const groups = async () => (has.inbox ? (await countDeadLettersByGroup(db)).map(({ group }) => group) : [])
  const checks: Record<string, () => Promise<Finding[]>> = {
    origin: () => checkOrigin(db),
    partitions: () => checkPartitions(db),
    positions: () => checkPositions(db),
    'open-transactions': () => checkTransactions(db),
    relays: () => checkRelays(db),
    'dead-letters': () => checkDeadLetters(db),
    kafka: async () => checkKafka(db, { kafka, groups: await groups() }),
  }
  for (const [check, run] of Object.entries(checks)) {
    const done = await attempt(check, run)
    findings.push(...('refused' in done ? [done.refused] : done.value))
  }
  return findings
}

async function attempt<Value>(
  check: string,
  run: () => Promise<Value>,
): Promise<{ value: Value } | { refused: Finding }> {
  try {
    return { value: await run() }
  } catch (error) {
    if (!(error instanceof Error) || isConnectionLost(error) || sqlState(error) === undefined) throw error
    const found = `${check} could not be checked: ${error.message}`
    return { refused: wrong(check, found, 'use a role that may, or see the other findings') }
  }
}
