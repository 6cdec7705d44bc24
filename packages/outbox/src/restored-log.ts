import type { Queryable } from './queryable.ts'

/** The database was restored from a dump, into a cluster that counts transactions anew: read as it is, the log loses and doubles messages. */
export class RestoredLogError extends Error {
  readonly code = 'OUTBOX_LOG_RESTORED'
  readonly retriable = false
  readonly operatorNeeded = true

  constructor() {
    super(
      'the outbox comes from a dump of another cluster, and its transaction ids mean nothing in this one; nothing was published. ' +
        'Keep the relays down and run "outbox adopt" once.',
    )
    this.name = 'RestoredLogError'
  }
}

/** @throws {RestoredLogError} when the log must be adopted before a relay may read it */
export async function refuseRestoredLog(db: Queryable): Promise<void> {
  if (await isRestoredLog(db)) throw new RestoredLogError()
}

/**
 * Whether the log was written in another cluster. A tick keeps the id of its own transaction, which PostgreSQL keeps in the row's
 * header as well (`xmin`, 32 bits of it): who loads a dump writes rows anew and can't write that, while pg_upgrade, a base backup
 * and a replica copy it, and VACUUM leaves it.
 */
export async function isRestoredLog(db: Queryable): Promise<boolean> {
  const text = 'select exists (select from outbox.tick where xmin <> tick.xid::xid) as restored'
  return (await db.query<{ restored: boolean }>(text)).rows[0]?.restored ?? false
}
