import type pg from 'pg'
import { keyName, type RunPlan } from '../plan/run-plan.ts'
import { type FindingKind, findingKinds, type MessageFinding } from '../report/report.ts'
import type { Findings } from './audit-effects.ts'
import type { Example } from './found.ts'
import { type Trace, traceMessage } from './trace-message.ts'
import { traceText } from './trace-text.ts'
import { whatToLookAt } from './what-to-look-at.ts'

/** A run that was audited; `pool` leads to the database with the outbox, which may have none. */
export type AuditedFindings = { runId: string; plan: RunPlan; pool: pg.Pool; findings: Findings }

/**
 * Looks up the first few messages of what was found, and says of each where it is and what to look at. Never fails: what
 * can't be looked up, or not within half a minute altogether, is said to be so.
 * @returns findings by group
 */
export async function explainFindings(audited: AuditedFindings): Promise<Map<string, MessageFinding[]>> {
  const { findings, plan } = audited
  const byGroup = new Map<string, MessageFinding[]>()
  await using traces = openTraces(audited)
  for (const found of findings.groups) {
    const explained: MessageFinding[] = []
    for (const kind of findingKinds) {
      for (const example of found[kind].examples) {
        const trace = await traces.of(example.sequence)
        explained.push(explain(example, { kind, group: found.group, plan, trace }))
      }
    }
    byGroup.set(found.group, explained)
  }
  return byGroup
}

function explain(
  { sequence, seen }: Example,
  { kind, group, plan, trace }: { kind: FindingKind; group: string; plan: RunPlan; trace: Trace },
): MessageFinding {
  const ofRun = isOfRun(sequence, plan)
  return {
    kind,
    sequence,
    batch: ofRun ? plan.batchOf(sequence) : null,
    key: ofRun ? keyName(plan.keyOf(sequence)) : null,
    keySequence: ofRun ? plan.keySequenceOf(sequence) : null,
    messageId: 'messageId' in trace ? trace.messageId : null,
    row: trace.state === 'in the outbox' ? `${trace.whereabouts.message.id}` : null,
    place: trace.state === 'in the outbox' ? trace.whereabouts.place : null,
    seen,
    whereabouts: traceText(trace, group),
    lookAt: whatToLookAt(kind, trace, group),
  }
}

const statementTimeoutMs = 5_000
const altogetherMs = 30_000

/** Traces on a connection of its own, made when the first is asked for; each message is looked up once, for all groups. */
function openTraces({ runId, plan, pool }: AuditedFindings) {
  const untilMs = performance.now() + altogetherMs
  const known = new Map<number, Trace>()
  let client: Promise<pg.PoolClient> | undefined

  async function lookUp(sequence: number): Promise<Trace> {
    if (!isOfRun(sequence, plan)) return { state: 'not appended' }
    if (performance.now() > untilMs) return { state: 'untold', reason: 'the look-ups took too long' }
    client ??= connect(pool)
    const batch = plan.batchOf(sequence)
    const request = { idempotencyKey: `${runId}/${batch}`, ordinal: sequence - plan.batch(batch).first }
    return await traceMessage(await client, request)
  }

  return {
    async of(sequence: number): Promise<Trace> {
      const before = known.get(sequence)
      if (before !== undefined) return before
      const trace = await lookUp(sequence).catch((error: unknown): Trace => ({ state: 'untold', reason: said(error) }))
      known.set(sequence, trace)
      return trace
    },
    async [Symbol.asyncDispose]() {
      // Ends the session, and with it the time-out.
      await client?.then((one) => one.release(true)).catch(() => {})
    },
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  const client = await pool.connect()
  // What ends the session fails the statement under way, which says so.
  client.on('error', () => {})
  await client.query(`set statement_timeout = ${statementTimeoutMs}`)
  return client
}

function isOfRun(sequence: number, { messages }: RunPlan): boolean {
  return sequence >= 0 && sequence < messages
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
