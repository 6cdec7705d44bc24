import type { Effect } from '@outbox/ledger/stream-effects'
import { keyName, type RunPlan } from '../plan/run-plan.ts'
import type { BatchState } from '../record/batch-outcomes.ts'
import { Latencies } from '../report/latencies.ts'
import { type BitSet, createBitSet } from './bit-set.ts'
import { type Found, note, nothing } from './found.ts'
import { clockTime, whatChanged, whyForeign, whyMissing } from './what-was-seen.ts'

/** What the audit found in one group. */
export type GroupFindings = {
  group: string
  /** Distinct messages of the run that took effect, be it by a replay alone. */
  received: number
  /** Effects of replays: wanted second ones, or late ones. None of them counts as duplicated or out of order. */
  replayed: number
  /** Sent, without effect; also the rest of an unknown batch of which a part took effect, as a batch is all or none. */
  lost: Found
  /** Effects beyond a message's first, replays left out. */
  duplicated: Found
  /** Messages that took effect after a later one of their key, replays left out. */
  outOfOrder: Found
  /** Effects of a message that arrived otherwise than it was sent: payload, key or key sequence. */
  corrupt: Found
  /** Effects of messages that were never sent, or were refused. */
  foreign: Found
  endToEnd: Latencies
}

/** What the audit found. */
export type Findings = {
  groups: GroupFindings[]
  /** From append to the Kafka message's timestamp, over all effects. */
  publish: Latencies
  /** When the last message took its first effect: by the database's clock, in ms since 1970; 0 without effects. */
  lastAppliedAtMs: number
}

/** An audit under way. */
export type Audit = {
  /** Takes the effects of the run, in the order in which they happened. */
  add(effect: Effect): void
  findings(): Findings
}

/**
 * What was sent, and which groups are to have applied it: one without any effect lost everything. What was sent before
 * `measuredFromMs`, in ms since 1970, is left out of the latencies.
 */
export type AuditedRun = {
  plan: RunPlan
  stateOf: (batch: number) => BatchState
  groups: readonly string[]
  measuredFromMs: number
}

/**
 * Compares what took effect with what was sent. Memory: two bits a message and four bytes a key for each group.
 * The order of a key is judged by the first effect of each of its messages. Replays are left out of all that is judged by
 * what came before, so that they can hide nothing; they only count as received.
 */
export function auditEffects({ plan, stateOf, groups, measuredFromMs }: AuditedRun): Audit {
  const publish = new Latencies()
  const audits = new Map(groups.map((group) => [group, new GroupAudit(group, plan)]))
  let lastAppliedAtMs = 0

  function auditOf(group: string): GroupAudit {
    const known = audits.get(group)
    if (known !== undefined) return known
    const audit = new GroupAudit(group, plan)
    audits.set(group, audit)
    return audit
  }

  return {
    add(effect) {
      const measured = effect.sentAtMs >= measuredFromMs
      if (measured && effect.appendedAtMs !== null) publish.add(effect.publishedAtMs - effect.appendedAtMs)
      const isFirst = auditOf(effect.group).add(effect, { stateOf, measured })
      if (isFirst) lastAppliedAtMs = Math.max(lastAppliedAtMs, effect.appliedAtMs)
    },
    findings() {
      const all = [...audits.values()].sort((one, other) => (one.group < other.group ? -1 : 1))
      return { groups: all.map((audit) => audit.findings(stateOf)), publish, lastAppliedAtMs }
    },
  }
}

class GroupAudit {
  readonly group: string
  readonly #plan: RunPlan
  readonly #received: BitSet
  /** Of these, the ones that took effect otherwise than by a replay. */
  readonly #inTurn: BitSet
  /** By key, the highest key sequence that took effect in turn; −1 before the first. */
  readonly #newest: Int32Array
  readonly #duplicated = nothing()
  readonly #outOfOrder = nothing()
  readonly #corrupt = nothing()
  readonly #foreign = nothing()
  readonly #endToEnd = new Latencies()
  #receivedCount = 0
  #replayedCount = 0

  constructor(group: string, plan: RunPlan) {
    this.group = group
    this.#plan = plan
    this.#received = createBitSet(plan.messages)
    this.#inTurn = createBitSet(plan.messages)
    this.#newest = new Int32Array(plan.keys).fill(-1)
  }

  /** @returns whether it is the first effect of a message that was sent */
  add(effect: Effect, { stateOf, measured }: { stateOf: (batch: number) => BatchState; measured: boolean }): boolean {
    if (effect.replayed) this.#replayedCount += 1
    if (!this.#wasSent(effect.sequence, stateOf)) {
      note(this.#foreign, effect.sequence, () => whyForeign(effect.sequence, this.#plan, stateOf))
      return false
    }
    const key = this.#plan.keyOf(effect.sequence)
    const keySequence = this.#plan.keySequenceOf(effect.sequence)
    const intact = effect.checksumReceived === effect.checksumSent
    if (!intact || effect.key !== keyName(key) || effect.keySequence !== keySequence)
      note(this.#corrupt, effect.sequence, () => whatChanged(effect, { key: keyName(key), keySequence }))
    if (!effect.replayed) this.#addInTurn(effect, key, keySequence)
    const isFirst = this.#received.add(effect.sequence)
    if (isFirst) {
      this.#receivedCount += 1
      if (measured) this.#endToEnd.add(effect.appliedAtMs - effect.sentAtMs)
    }
    return isFirst
  }

  #addInTurn({ sequence, appliedAtMs }: Effect, key: number, keySequence: number): void {
    const newest = this.#newest[key] ?? -1
    if (!this.#inTurn.add(sequence))
      note(this.#duplicated, sequence, () => `took effect again at ${clockTime(appliedAtMs)}`)
    else if (keySequence >= newest) this.#newest[key] = keySequence
    else
      note(
        this.#outOfOrder,
        sequence,
        () => `took effect at ${clockTime(appliedAtMs)}, behind message ${newest} of its key`,
      )
  }

  findings(stateOf: (batch: number) => BatchState): GroupFindings {
    return {
      group: this.group,
      received: this.#receivedCount,
      replayed: this.#replayedCount,
      lost: this.#lost(stateOf),
      duplicated: this.#duplicated,
      outOfOrder: this.#outOfOrder,
      corrupt: this.#corrupt,
      foreign: this.#foreign,
      endToEnd: this.#endToEnd,
    }
  }

  #wasSent(sequence: number, stateOf: (batch: number) => BatchState): boolean {
    if (sequence < 0 || sequence >= this.#plan.messages) return false
    const state = stateOf(this.#plan.batchOf(sequence))
    return state === 'sent' || state === 'unknown'
  }

  #lost(stateOf: (batch: number) => BatchState): Found {
    const lost = nothing()
    for (let batch = 0; batch < this.#plan.batches; batch += 1) {
      const state = stateOf(batch)
      if (state !== 'sent' && state !== 'unknown') continue
      const missing = this.#missing(batch)
      if (state === 'unknown' && missing.length === this.#plan.batch(batch).count) continue
      for (const sequence of missing) note(lost, sequence, () => whyMissing[state])
    }
    return lost
  }

  #missing(batch: number): number[] {
    const { first, count } = this.#plan.batch(batch)
    const missing: number[] = []
    for (let sequence = first; sequence < first + count; sequence += 1) {
      if (!this.#received.has(sequence)) missing.push(sequence)
    }
    return missing
  }
}
