import type { RunOptions } from '../../apps/load-tester/src/command-line/run-options.ts'
import { createBatchBodies } from '../../apps/load-tester/src/plan/batch-bodies.ts'
import { createPayloads } from '../../apps/load-tester/src/plan/payloads.ts'
import { planRun } from '../../apps/load-tester/src/plan/run-plan.ts'
import type { ServerOrder, ServerStarted } from './answering-server-main.ts'
import type { CannonOrder, CannonResult } from './autocannon-main.ts'
import type { Bench } from './benchmark.ts'
import { type Measured, median } from './measured.ts'
import { startProgram } from './own-process.ts'
import type { SendOrder, SendResult } from './send-main.ts'

const connections = 10
const seconds = 5
const warmUpSeconds = 1
const rounds = 5
const slowMs = 50
const stall = { everyMs: 10_000, forMs: 1_000 }
const stalledSeconds = 20
const stalledPerSecond = 200

const usual: RunOptions = {
  batchSize: 1,
  concurrency: connections,
  keys: 1_000,
  topic: 'shared-events',
  payloadBytes: 256,
  warmUpMs: warmUpSeconds * 1_000,
}
const closed: RunOptions = { ...usual, durationMs: (seconds + warmUpSeconds) * 1_000 }

/** The load tester's sending against autocannon, and what an open loop sees of a server that stalls. */
export async function tester(bench: Bench): Promise<Measured[]> {
  const fast = await compare(bench, { delayMs: 0 })
  const slow = await compare(bench, { delayMs: slowMs })
  const stalled = await seeStall(bench)
  const benchmark = 'tester'
  const share = fast.ours.requestsPerSecond / fast.cannon.requestsPerSecond
  return [
    { benchmark, figure: "share of autocannon's requests", value: share, unit: '', aim: { atLeast: 0.9 } },
    { benchmark, figure: 'requests', value: fast.ours.requestsPerSecond, unit: 'requests/s' },
    { benchmark, figure: 'requests, autocannon', value: fast.cannon.requestsPerSecond, unit: 'requests/s' },
    { benchmark, figure: 'CPU', value: fast.ours.cpuMicros, unit: 'µs/request' },
    { benchmark, figure: 'CPU, autocannon', value: fast.cannon.cpuMicros, unit: 'µs/request' },
    ...(['p50', 'p99'] as const).flatMap((name) => [
      {
        benchmark,
        figure: `${name} at ${slowMs} ms`,
        value: slow.ours[name],
        unit: 'ms',
        aim: near(slow.cannon[name]),
      },
      { benchmark, figure: `${name} at ${slowMs} ms, autocannon`, value: slow.cannon[name], unit: 'ms' },
    ]),
    {
      benchmark,
      figure: 'p99 beside a stall of 1 s in 10, open',
      value: stalled.open.p99,
      unit: 'ms',
      aim: { atLeast: 500 },
    },
    {
      benchmark,
      figure: 'p99 beside a stall of 1 s in 10, closed',
      value: stalled.closed.p99,
      unit: 'ms',
      aim: { atMost: 100 },
    },
  ]
}

type Figures = { requestsPerSecond: number; p50: number; p99: number; cpuMicros: number }

/** As near as 5 %, or 1 ms: autocannon tells whole ones. */
function near(value: number): { atLeast: number; atMost: number } {
  const off = Math.max(value * 0.05, 1)
  return { atLeast: value - off, atMost: value + off }
}

/** Both in turn against the same server. @returns the median of each figure */
async function compare({ signal, report }: Bench, server: ServerOrder): Promise<{ ours: Figures; cannon: Figures }> {
  await using program = startProgram('answering-server-main.ts', server, signal)
  const { url } = await program.next<ServerStarted>()
  const ours: SendResult[] = []
  const cannon: CannonResult[] = []
  for (let round = 1; round <= rounds; round += 1) {
    ours.push(await runOnce<SendOrder, SendResult>('send-main.ts', { url, options: closed }, signal))
    const order = { url, body: oneBody(), connections, seconds, warmUpSeconds }
    cannon.push(await runOnce<CannonOrder, CannonResult>('autocannon-main.ts', order, signal))
    report(
      `tester: ${told(ours.at(-1))} requests/s, autocannon ${told(cannon.at(-1))}, answers after ${server.delayMs} ms`,
    )
  }
  return { ours: medians(ours), cannon: medians(cannon) }
}

async function seeStall({ signal, report }: Bench): Promise<{ open: SendResult; closed: SendResult }> {
  const stage = { durationMs: stalledSeconds * 1_000, fromPerSecond: stalledPerSecond, toPerSecond: stalledPerSecond }
  const models: Record<'open' | 'closed', RunOptions> = {
    open: { ...usual, concurrency: 1_000, messages: stalledSeconds * stalledPerSecond, stages: [stage] },
    closed: { ...closed, durationMs: stalledSeconds * 1_000 },
  }
  const results: SendResult[] = []
  for (const [model, options] of Object.entries(models)) {
    await using program = startProgram('answering-server-main.ts', { delayMs: 0, stall }, signal)
    const { url } = await program.next<ServerStarted>()
    const result = await runOnce<SendOrder, SendResult>('send-main.ts', { url, options }, signal)
    report(`tester: ${model} loop beside a stall, p99 ${Math.round(result.p99)} ms`)
    results.push(result)
  }
  const [open, closedLoop] = results
  if (open === undefined || closedLoop === undefined) throw new Error('there are two models')
  return { open, closed: closedLoop }
}

async function runOnce<Order extends object, Result>(name: string, order: Order, signal: AbortSignal): Promise<Result> {
  await using program = startProgram(name, order, signal)
  return await program.next<Result>()
}

/** As long as most of those that the load tester sends. */
function oneBody(): string {
  const plan = planRun(closed)
  const payloadOf = createPayloads({ run: 'bench', ...closed })
  return createBatchBodies(plan, { run: 'bench', topic: closed.topic, payloadOf })(100_000, Date.now()).toString()
}

function medians(results: readonly Figures[]): Figures {
  const of = (name: keyof Figures) => median(results.map((result) => result[name]))
  return { requestsPerSecond: of('requestsPerSecond'), p50: of('p50'), p99: of('p99'), cpuMicros: of('cpuMicros') }
}

function told(figures: Figures | undefined): string {
  return Math.round(figures?.requestsPerSecond ?? 0).toLocaleString('en')
}
