import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { peakMegabytes } from '@outbox/processes/process-cost'
import { planRun } from '../../apps/load-tester/src/plan/run-plan.ts'
import { createRunRecord } from '../../apps/load-tester/src/record/run-record.ts'
import { benchDatabase, settleDatabase } from './bench-database.ts'
import type { Bench } from './benchmark.ts'
import { fillLedger } from './fill-ledger.ts'
import { PROGRAM, RECORDS } from './load-test.ts'
import type { Measured } from './measured.ts'

const groups = ['group-a', 'group-b', 'group-c']
const options = { batchSize: 500, concurrency: 50, keys: 1_000, topic: 'shared-events', payloadBytes: 256 }

/** The audit of a run, and of one ten times as large: its time grows with the effects, its memory doesn't. */
export async function audit(bench: Bench): Promise<Measured[]> {
  const { messages = 10_000_000 } = bench
  const tenth = Math.ceil(messages / 10)
  const small = await auditOf(bench, tenth)
  const large = await auditOf(bench, messages)
  const shown = (count: number) => count.toLocaleString('en')
  return [
    { benchmark, figure: `audit of ${shown(messages)} messages in 3 groups`, value: large.seconds, unit: 's' },
    { benchmark, figure: 'effects', value: large.rate, unit: 'effects/s', aim: { atLeast: 500_000 } },
    { benchmark, figure: `memory at its peak, ${shown(tenth)}`, value: small.megabytes, unit: 'MB' },
    { benchmark, figure: `memory at its peak, ${shown(messages)}`, value: large.megabytes, unit: 'MB' },
    {
      benchmark,
      figure: 'memory, the large one by the small one',
      value: large.megabytes / small.megabytes,
      unit: '',
      aim: { atMost: 1.1 },
    },
  ]
}

const benchmark = 'audit'

type Audited = { seconds: number; rate: number; megabytes: number }

async function auditOf({ databaseUrl, report, signal }: Bench, messages: number): Promise<Audited> {
  await using database = await benchDatabase(databaseUrl, async () => {})
  const run = `bench-audit-${process.pid}-${messages}`
  const shape = { ...options, messages, batchSize: Math.min(options.batchSize, messages) }
  const plan = planRun(shape)
  await using made = new AsyncDisposableStack()
  made.defer(() => rm(join(RECORDS, run), { recursive: true, force: true }))
  const startedAtMs = Date.now()
  const record = createRunRecord(RECORDS, {
    runId: run,
    scenario: 'extreme',
    startedAtMs,
    options: shape,
    producers: [],
  })
  for (let batch = 0; batch < plan.batches; batch += 1)
    record.append({ batch, outcome: 'sent', producer: 'none', latencyMs: 100, settledAtMs: startedAtMs, errors: [] })
  record.finish()
  report(`audit: writing ${(messages * groups.length).toLocaleString('en')} effects`)
  await fillLedger(database.pool, { run, plan, groups, signal })
  await settleDatabase(database)
  const { seconds, megabytes } = await runAudit(run, database.url, signal)
  const rate = (messages * groups.length) / seconds
  report(
    `audit: ${seconds.toFixed(1)} s, ${Math.round(rate).toLocaleString('en')} effects/s, ${megabytes.toFixed(0)} MB`,
  )
  return { seconds, rate, megabytes }
}

const pollMs = 50

/** @throws when the audit doesn't pass */
async function runAudit(run: string, databaseUrl: string, signal: AbortSignal) {
  const started = performance.now()
  const arguments_ = [PROGRAM, 'audit', run, '--database-url', databaseUrl]
  const child = spawn(process.execPath, arguments_, { signal, stdio: ['ignore', 'ignore', 'inherit'] })
  let megabytes = Number.NaN
  // The kernel keeps the peak as long as the process lives.
  const polling = setInterval(() => {
    const peak = peakMegabytes(child.pid ?? 0)
    if (!Number.isNaN(peak)) megabytes = peak
  }, pollMs)
  const [exitCode] = await once(child, 'exit').finally(() => clearInterval(polling))
  if (exitCode !== 0) throw new Error(`the audit of ${run} did not pass (exit code ${exitCode})`)
  return { seconds: (performance.now() - started) / 1_000, megabytes }
}
