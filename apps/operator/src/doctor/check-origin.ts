import type { Queryable } from '@outbox/outbox/queryable'
import { isRestoredLog } from '@outbox/outbox/restored-log'
import { type Finding, ok, wrong } from './finding.ts'

/** Whether the log's transaction ids are those of this cluster, as they aren't after a dump and restore. */
export async function checkOrigin(db: Queryable): Promise<Finding[]> {
  if (!(await isRestoredLog(db))) return [ok('origin', 'the log was written in this cluster')]
  const found = 'the log comes from the dump of another cluster: no relay will publish it'
  return [wrong('origin', found, 'keep the relays down, and run outbox adopt once')]
}
