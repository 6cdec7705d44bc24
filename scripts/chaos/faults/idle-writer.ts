import { readFile } from 'node:fs/promises'
import { appendMessages } from '@outbox/outbox/append-messages'
import type pg from 'pg'
import type { ChaosSystem } from '../chaos-system.ts'
import type { Fault } from '../fault.ts'
import { recovery } from '../recovery.ts'
import { seconds } from '../seconds.ts'
import { relays, topics, warnTransactionMs } from '../system-shape.ts'

const FLOWS_MS = 30_000

export const idleWriter: Fault = {
  name: 'idle-writer',
  numbers: [15],
  does: 'a writer stands still in its transaction, as does a long one elsewhere: nobody waits for them, and no row is skipped',
  draw(random) {
    const forMs = random.between(20_000, 60_000)
    const end = random.pick(['commit', 'rollback'] as const)
    return {
      details: `for ${seconds(forMs)}, then ${end}`,
      lastsMs: forMs,
      async inflict(system) {
        await using sessions = new AsyncDisposableStack()
        const writer = await openSession(system, sessions)
        await writer.query('begin')
        const ids = await appendMessages(writer, [
          { topic: topics.load, key: 'late', payload: '"first"' },
          { topic: topics.load, key: 'late', payload: '"second"' },
        ])
        const rows = await writer.query<{ id: string }>('select id from outbox.message where message_id = any($1)', [
          ids,
        ])
        const elsewhere = await openSession(system, sessions)
        await elsewhere.query('begin isolation level repeatable read')
        await elsewhere.query('create temporary table elsewhere on commit drop as select pg_current_xact_id()')
        await system.sleep(forMs)
        const flows = await recovery(system.pool, { withinMs: FLOWS_MS, signal: system.signal })
        if (flows === undefined) throw new Error('others waited for the open transaction')
        const pid = await writer.query<{ pid: number }>('select pg_backend_pid() as pid')
        await isNamed(system, pid.rows[0]?.pid ?? 0)
        await writer.query(end)
        if (end === 'commit') for (const { id } of rows.rows) system.lateRows.add(Number(id))
      },
    }
  },
}

/** A relay's log names the process, and a metric tells for how long. */
async function isNamed({ app }: ChaosSystem, pid: number): Promise<void> {
  const logs = await Promise.all(relays.map((name) => readFile(app(name).logFile, 'utf8')))
  if (!logs.some((log) => log.includes(`transaction of pid ${pid} `)))
    throw new Error(`no relay's log names pid ${pid}`)
  const metrics = await Promise.all(relays.map(async (name) => (await fetch(`${app(name).url}/metrics`)).text()))
  const ages = metrics.map((text) => Number(/^outbox_relay_oldest_transaction_seconds (\S+)$/m.exec(text)?.[1]))
  if (!ages.some((seconds) => seconds * 1_000 >= warnTransactionMs)) {
    throw new Error(`the relays' metrics tell of transactions of ${ages.join(', ')} s`)
  }
}

/** Neither is ended by the server for standing still: that is a setting of the apps' own sessions. */
async function openSession({ pool }: ChaosSystem, sessions: AsyncDisposableStack): Promise<pg.PoolClient> {
  return sessions.adopt(await pool.connect(), (client) => client.release(true))
}
