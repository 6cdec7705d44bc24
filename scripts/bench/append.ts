import { appendMessages } from '@outbox/outbox/append-messages'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import type pg from 'pg'
import { appendBatches, type Batches } from './append-batches.ts'
import { benchDatabase, settleDatabase } from './bench-database.ts'
import { benchMessage } from './bench-message.ts'
import type { Bench } from './benchmark.ts'
import { type Measured, median } from './measured.ts'
import { rawInsert } from './raw-insert.ts'

const batchSize = 500
const connections = 4
const pairs = 5

/** Batches of 500 × 256 B through `appendMessages`, against the bare insert of the same rows. */
export async function append(bench: Bench): Promise<Measured[]> {
  const { databaseUrl, messages = 300_000, report, signal } = bench
  await using database = await benchDatabase(databaseUrl, migrateOutbox)
  const batch = Array.from({ length: batchSize }, (_, number) => benchMessage('bench', number))
  const insert = rawInsert(batch)
  const batches = { batches: Math.ceil(messages / batchSize), connections, signal }
  const measure = async (append: Batches['append']) => {
    await settleDatabase(database)
    return await timed(database.pool, { ...batches, append })
  }
  const ceilings: Run[] = []
  const ours: Run[] = []
  for (let pair = 0; pair <= pairs; pair++) {
    const ceiling = await measure((tx) => insert(tx))
    const own = await measure((tx) => appendMessages(tx, batch))
    // The first one only warms up.
    if (pair === 0) continue
    report(`append ${pair}/${pairs}: ${describe(own)}; bare insert: ${describe(ceiling)}`)
    ceilings.push(ceiling)
    ours.push(own)
  }
  const benchmark = 'append'
  const ratio = median(ours.map(({ rate }, pair) => rate / (ceilings[pair]?.rate ?? Number.NaN)))
  const cpu = { benchmark, unit: 'µs/message' }
  return [
    { benchmark, figure: 'share of the bare insert', value: ratio, unit: '', aim: { atLeast: 0.8 } },
    { benchmark, figure: 'rate', value: median(ours.map(({ rate }) => rate)), unit: 'messages/s' },
    { ...cpu, figure: 'CPU of the client', value: median(ours.map(({ cpuMicros }) => cpuMicros)) },
    { ...cpu, figure: 'CPU of the client, bare insert', value: median(ceilings.map(({ cpuMicros }) => cpuMicros)) },
  ]
}

/** `rate`: messages a second; `cpuMicros`: of this process, a message. */
type Run = { rate: number; cpuMicros: number }

async function timed(pool: pg.Pool, batches: Batches): Promise<Run> {
  const messages = batches.batches * batchSize
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  await appendBatches(pool, batches)
  const seconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { rate: messages / seconds, cpuMicros: (user + system) / messages }
}

function describe({ rate }: Run): string {
  return `${Math.round(rate).toLocaleString('en')}/s`
}
