import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunOptions } from '../../apps/load-tester/src/command-line/run-options.ts'
import { createBatchBodies } from '../../apps/load-tester/src/plan/batch-bodies.ts'
import { createPayloads } from '../../apps/load-tester/src/plan/payloads.ts'
import { planRun } from '../../apps/load-tester/src/plan/run-plan.ts'
import { createRunRecord, measuredFromMs } from '../../apps/load-tester/src/record/run-record.ts'
import { createRunTotals } from '../../apps/load-tester/src/record/run-totals.ts'
import { createSendState } from '../../apps/load-tester/src/send/send-state.ts'
import { sendToProducers } from '../../apps/load-tester/src/send/send-to-producers.ts'
import { say, takeOrder } from './own-program.ts'

export type SendOrder = { url: string; options: RunOptions }

/** Latencies in ms, of requests. */
export type SendResult = { requestsPerSecond: number; p50: number; p99: number; cpuMicros: number }

/**
 * The load tester's sending, all of it: bodies, record, totals, circuit breakers. What comes before and behind it needs
 * a ledger.
 */
const { url, options } = takeOrder<SendOrder>()
const run = 'bench'
const producers = [{ name: 'server', url, healthy: true }]
const folder = mkdtempSync(join(tmpdir(), 'bench-tester-'))
const plan = planRun(options)
const totals = createRunTotals(plan, producers)
const head = { runId: run, scenario: 'quick', startedAtMs: Date.now(), options, producers }
const record = createRunRecord(folder, head)
totals.start(measuredFromMs(head))
const cpuBefore = process.cpuUsage()

await sendToProducers({
  ...{ runId: run, plan, options, producers, totals, record },
  bodyOf: createBatchBodies(plan, { run, topic: options.topic, payloadOf: createPayloads({ run, ...options }) }),
  state: createSendState(),
  check: async () => producers,
  onJoined: () => {},
  onSettled: () => {},
  onError: (note) => void process.stderr.write(`${note}\n`),
  signal: new AbortController().signal,
})

const { user, system } = process.cpuUsage(cpuBefore)
rmSync(folder, { recursive: true })
const requests = totals.batches.count()
const seconds = (totals.lastSettledAtMs() - head.startedAtMs - (options.warmUpMs ?? 0)) / 1_000
const { p50, p99 } = totals.batches.summary()
const all = totals.counts.sent / options.batchSize
await say({ requestsPerSecond: requests / seconds, p50, p99, cpuMicros: (user + system) / all } satisfies SendResult)
process.exit(0)
