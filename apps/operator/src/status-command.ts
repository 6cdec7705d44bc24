import { countDeadLettersByGroup, type GroupCount } from '@outbox/inbox/count-dead-letters'
import { countDeadLetters } from '@outbox/outbox/find-dead-letters'
import { readLag } from '@outbox/outbox/read-lag'
import { readLog } from '@outbox/outbox/read-log'
import { readLogSize } from '@outbox/outbox/read-log-size'
import { readShards, type ShardState } from '@outbox/outbox/read-shards'
import type { Layout } from '@outbox/service/text-layout'
import type { Command } from 'commander'
import type pg from 'pg'
import { answer } from './answer.ts'
import { type OldTransaction, oldestTransaction } from './oldest-transaction.ts'
import type { Operator } from './operator.ts'
import { bytes, seconds } from './show.ts'
import { withDatabase } from './with-database.ts'

/** `outbox status`: what the outbox holds, who publishes it, and what holds it up. */
export function addStatusCommand(program: Command, operator: Operator): void {
  program
    .command('status')
    .description('what the outbox holds, who publishes it, and what holds it up')
    .action(async (_, command: Command) => {
      const status = await withDatabase(command, operator, readStatus)
      answer(command, operator, { value: status, text: (layout) => statusText(status, layout) })
    })
}

type Status = Awaited<ReturnType<typeof readStatus>>

async function readStatus(db: pg.Pool) {
  const shards = await readShards(db)
  return {
    log: (await readLog(db)).id,
    lag: await readLag(db),
    size: await readLogSize(db),
    relays: byRelay(shards),
    unowned: shards.filter((shard) => isFree(shard) && !shard.paused).map(({ shard }) => shard),
    paused: shards.filter(({ paused }) => paused).map(({ shard }) => shard),
    oldestTransaction: await oldestTransaction(db),
    deadLetters: await countDeadLetters(db, {}),
    ambiguous: await countDeadLetters(db, { ambiguous: true }),
    groups: await countDeadLettersByGroup(db),
  }
}

function isFree({ instance, leaseSeconds }: ShardState): boolean {
  return instance === undefined || leaseSeconds < 0
}

function byRelay(shards: readonly ShardState[]) {
  const owned = Map.groupBy(
    shards.filter((shard) => !isFree(shard)),
    ({ instance }) => instance ?? '',
  )
  return [...owned].map(([instance, of]) => ({
    instance,
    shards: of.map(({ shard }) => shard),
    leaseSeconds: Math.min(...of.map(({ leaseSeconds }) => leaseSeconds)),
  }))
}

function statusText(status: Status, layout: Layout): string[] {
  const { log, lag, size, relays, unowned, paused, deadLetters, ambiguous, groups } = status
  const facts: [string, string][] = [
    [
      'Unpublished',
      lag.messages === 0n
        ? 'nothing'
        : `${lag.messages.toLocaleString('en')} at most, the oldest ${seconds(lag.oldestSeconds)} old`,
    ],
    [
      'Size',
      `${size.partitions} partitions, ${bytes(size.bytes)}, the oldest message ${seconds(size.oldestSeconds)} old`,
    ],
    ['Shards without a relay', unowned.length === 0 ? 'none' : `${unowned.join(', ')}: start a relay`],
    ['Paused shards', paused.length === 0 ? 'none' : `${paused.join(', ')}: resume lets them go on`],
    ['Oldest transaction', transactionText(status.oldestTransaction)],
    ['Dead letters', deadLetters === 0 ? 'none' : `${deadLetters}, of which ${ambiguous} may be in the topic already`],
  ]
  const lines = [`Outbox ${log}`, ...layout.pairs(facts), '', 'Relays']
  const rows = relays.map(({ instance, shards, leaseSeconds }) => [instance, `${shards.length}`, seconds(leaseSeconds)])
  lines.push(...(rows.length === 0 ? ['  none'] : layout.table(['', 'shards', 'lease'], rows)), '', 'Consumer groups')
  lines.push(...(groups.length === 0 ? ['  none'] : layout.table(['', 'dead letters'], groups.map(groupRow))))
  return lines
}

function groupRow({ group, deadLetters }: GroupCount): string[] {
  return [group, `${deadLetters}`]
}

function transactionText(oldest: OldTransaction | undefined): string {
  if (oldest === undefined) return 'none'
  const { pid, application, seconds: age, state } = oldest
  return `${seconds(age)} old, pid ${pid}${application ? ` (${application})` : ''}, ${state}`
}
