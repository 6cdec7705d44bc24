import { cpuSeconds } from '@outbox/processes/process-cost'
import type pg from 'pg'
import type { Bench } from './benchmark.ts'
import { openLatencyPath } from './latency-path.ts'

/** So many one-row transactions on the timetable; `during` goes on meanwhile, until its signal aborts. */
export type LatencyPhase = { messages: number; during?: (db: pg.Pool, signal: AbortSignal) => Promise<void> }

/** By phase, from the moment that a message is due until a consumer sees it, in ms; and what the relay took for one. */
export type MeasuredLatency = { latenciesMs: number[][]; relayCpuMicros: number }

const perSecond = 1_000
/** Until then Kafka spends half a core on compiling itself. */
const warmUpMessages = 30 * perSecond

/** Sends 1,000 one-row transactions a second through one relay, phase after phase, behind a warm-up. */
export async function measureLatency(bench: Bench, phases: readonly LatencyPhase[]): Promise<MeasuredLatency> {
  await using path = await openLatencyPath(bench)
  const send = (messages: number) => path.send({ messages, perSecond, perTransaction: 1 })
  const cpuBefore = cpuSeconds(path.relayPid)
  await send(warmUpMessages)
  const latenciesMs: number[][] = []
  for (const { messages, during } of phases) {
    const over = new AbortController()
    const meanwhile = during?.(path.db, over.signal)
    latenciesMs.push(await send(messages))
    over.abort()
    await meanwhile
  }
  const messages = phases.reduce((sum, phase) => sum + phase.messages, warmUpMessages)
  return { latenciesMs, relayCpuMicros: ((cpuSeconds(path.relayPid) - cpuBefore) / messages) * 1e6 }
}
