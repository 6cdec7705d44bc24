import { rm } from 'node:fs/promises'
import { readLag } from '@outbox/outbox/read-lag'
import { unlessStopped } from '../stop-signal.ts'
import { type ChaosSystem, type ChaosSystemOptions, startChaosSystem } from './chaos-system.ts'
import { compareLedgers, type Ledgers } from './compare-ledgers.ts'
import { type InflictedFault, inflictFaults, titleOf } from './inflict-faults.ts'
import { auditLoad, recordFolder, startLoad, steadyLoad } from './load.ts'
import { type OutboxRows, watchOutboxRows } from './outbox-rows.ts'
import { watchPeakMemory } from './peak-memory.ts'
import type { PlannedFault } from './plan-run.ts'
import { readAnswers } from './read-answers.ts'
import { readTopic } from './read-topic.ts'
import { recovery } from './recovery.ts'
import { poisonKey } from './system-shape.ts'

/** Faults to inflict, one after the other, on a system that is started for them. */
export type ChaosRun = Omit<ChaosSystemOptions, 'partitionIds'> & {
  steps: readonly PlannedFault[]
  /** About how long they take. */
  minutes: number
}

export type ChaosResult = {
  inflicted: InflictedFault[]
  ledgers: Ledgers
  droppedPartitions: number
  /** In MB, by process. */
  peakMemory: ReadonlyMap<string, number>
  /** Why it isn't passed, a sentence each. */
  problems: string[]
}

/** As an interrupted load test ends. */
const EXIT_INTERRUPTED = 130
const FLOWS_MS = 60_000
const DRAINS_MS = 120_000
/** So many ids come in a minute, at most: small partitions, so that some are dropped in each minute. */
const IDS_A_MINUTE = 30_000

/** Starts the system, loads it, inflicts the faults, waits until all is drained, and compares the four ledgers. */
export async function runChaos({ steps, minutes, ...options }: ChaosRun): Promise<ChaosResult> {
  const { report, signal } = options
  const partitionIds = Math.round((IDS_A_MINUTE * minutes) / 30)
  await using system = await unlessStopped(startChaosSystem({ ...options, partitionIds }), signal)
  const over = new AbortController()
  const rows = watchOutboxRows(system.pool, over.signal)
  const peakMemory = watchPeakMemory(system, over.signal)
  try {
    const load = await startLoad(system, steadyLoad)
    const problems: string[] = []
    if ((await recovery(system.pool, { withinMs: FLOWS_MS, signal })) === undefined) {
      throw new Error(`nothing took effect in ${FLOWS_MS / 1_000} s, before any fault`)
    }
    report(`${system.apps.length} apps run under load`)
    const inflicted = await inflictFaults(system, steps, { report, signal })
    problems.push(...inflicted.flatMap(problemOf))
    const { code } = await load.end()
    if (code !== EXIT_INTERRUPTED) problems.push(`the load test ended with ${code} before it was stopped`)
    await drained(system, signal)
    await rows.look()
    const ledgers = await readLedgers(system, rows)
    problems.push(...compareLedgers(ledgers))
    if (problems.length === 0) for (const name of system.runs) await rm(recordFolder(name), { recursive: true })
    return { inflicted, ledgers, droppedPartitions: rows.dropped(), peakMemory, problems }
  } finally {
    over.abort()
  }
}

function problemOf({ step, recoveryMs, problem }: InflictedFault): string[] {
  const what = titleOf(step)
  const problems = problem === undefined ? [] : [`${what}: ${problem}`]
  return recoveryMs === undefined ? [...problems, `${what}: not recovered within a minute`] : problems
}

async function drained({ pool, sleep }: ChaosSystem, signal: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + DRAINS_MS; Date.now() < deadline; await sleep(200)) {
    signal.throwIfAborted()
    const lag = await readLag(pool).catch(() => undefined)
    if (lag?.messages === 0n) return
  }
}

async function readLedgers(system: ChaosSystem, { ids, poison }: OutboxRows): Promise<Ledgers> {
  const loads = []
  for (const run of system.runs) {
    const audit = await auditLoad(system, run)
    loads.push({ run, answers: await readAnswers(recordFolder(run)), audit })
  }
  const { rows } = await system.pool.query<{ letters: number }>(
    'select count(*)::int as letters from outbox.dead_letter where key is distinct from $1',
    [poisonKey],
  )
  const found = []
  for (const topic of system.topics) found.push(await readTopic(system.kafka.brokers, topic))
  return {
    loads,
    rows: new Set([...ids, ...system.lateRows].filter((id) => !system.judgedRows.has(id))),
    poison,
    deadLetters: rows[0]?.letters ?? 0,
    topics: found,
  }
}
