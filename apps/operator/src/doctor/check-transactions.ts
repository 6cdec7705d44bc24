import { openTransactions } from '@outbox/outbox/open-transactions'
import type { Queryable } from '@outbox/outbox/queryable'
import { transactionText } from '../status-text.ts'
import { type Finding, ok, warning } from './finding.ts'

const shownMost = 10

/** Transactions that have been open for long: what they wrote isn't published, and no partition of that time is dropped. */
export async function checkTransactions(db: Queryable, olderThanSeconds = 60): Promise<Finding[]> {
  const check = 'open-transactions'
  const open = await openTransactions(db, { limit: shownMost, olderThanSeconds })
  if (open.length === 0) return [ok(check, `no transaction has been open for ${olderThanSeconds} s`)]
  return open.map((transaction) => {
    const { pid, gid } = transaction
    const end = gid === null ? `select pg_terminate_backend(${pid})` : `rollback prepared '${gid}', or commit prepared`
    return warning(check, `a transaction is ${transactionText(transaction)}`, `let its owner end it, or ${end}`)
  })
}
