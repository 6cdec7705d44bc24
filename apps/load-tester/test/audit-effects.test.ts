import type { Effect } from '@outbox/ledger/stream-effects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditEffects } from '../src/audit/audit-effects.ts'
import type { Found } from '../src/audit/found.ts'
import { keyName, planRun } from '../src/plan/run-plan.ts'
import type { BatchState } from '../src/record/batch-outcomes.ts'

const plan = planRun({ messages: 240, batchSize: 10, concurrency: 4, keys: 8 })
const sequences = Array.from({ length: plan.messages }, (_, sequence) => sequence)
const allSent = () => 'sent' as const

function effect(sequence: number, change: Partial<Effect> = {}): Effect {
  return {
    group: 'a',
    sequence,
    keySequence: plan.keySequenceOf(sequence),
    key: keyName(plan.keyOf(sequence)),
    checksumSent: sequence * 7,
    checksumReceived: sequence * 7,
    sentAtMs: 1_000,
    appendedAtMs: 1_010,
    publishedAtMs: 1_015,
    appliedAtMs: 1_020.5,
    replayed: false,
    ...change,
  }
}

function audit(effects: Iterable<Effect>, stateOf: (batch: number) => BatchState = allSent, groups = ['a']) {
  const audit = auditEffects({ plan, stateOf, groups, measuredFromMs: 0 })
  for (const effect of effects) audit.add(effect)
  return audit.findings()
}

function counts(findings: ReturnType<typeof audit>, group = 'a') {
  const found = findings.groups.find((one) => one.group === group)
  const { received, replayed, lost, duplicated, outOfOrder, corrupt, foreign } = found ?? expect.unreachable()
  const [l, d, o, c, f] = [lost, duplicated, outOfOrder, corrupt, foreign].map(({ count }: Found) => count)
  return { received, lost: l, duplicated: d, outOfOrder: o, corrupt: c, foreign: f, replayed }
}

const clean = { received: 240, lost: 0, duplicated: 0, outOfOrder: 0, corrupt: 0, foreign: 0, replayed: 0 }

/** The effects of workers that run side by side: keys in their order, otherwise mixed. */
const interleaving = fc.array(fc.nat(), { minLength: plan.messages, maxLength: plan.messages }).map((choices) => {
  const byKey = Map.groupBy(sequences, (sequence) => plan.keyOf(sequence))
  const queues = [...byKey.values()].map((ofKey) =>
    ofKey.toSorted((one, other) => plan.keySequenceOf(one) - plan.keySequenceOf(other)),
  )
  return choices.map((choice) => {
    const left = queues.filter((queue) => queue.length > 0)
    return left[choice % left.length]?.shift() ?? expect.unreachable()
  })
})

test('keys mixed in any way are in order, as long as each is', () => {
  fc.assert(
    fc.property(interleaving, (order) => {
      expect(counts(audit(order.map((n) => effect(n))))).toEqual(clean)
    }),
    { numRuns: 40 },
  )
})

test('what is planted in a ledger is found, and nothing else', () => {
  const disjoint = fc.shuffledSubarray(sequences, { minLength: 30, maxLength: 30 })
  const numbers = fc.record({ lost: fc.nat(9), doubled: fc.nat(9), altered: fc.nat(9), foreign: fc.nat(9) })
  fc.assert(
    fc.property(interleaving, disjoint, numbers, fc.infiniteStream(fc.nat()), (order, picked, n, places) => {
      const lost = new Set(picked.slice(0, n.lost))
      const doubled = picked.slice(10, 10 + n.doubled)
      const altered = new Set(picked.slice(20, 20 + n.altered))
      const effects = order
        .filter((sequence) => !lost.has(sequence))
        .map((sequence) => effect(sequence, altered.has(sequence) ? { checksumReceived: 1 } : {}))
      for (const sequence of doubled) {
        const first = effects.findIndex((effect) => effect.sequence === sequence)
        const place = first + 1 + ((places.next().value ?? 0) % (effects.length - first))
        effects.splice(place, 0, effect(sequence))
      }
      for (let extra = 0; extra < n.foreign; extra += 1) {
        effects.splice((places.next().value ?? 0) % effects.length, 0, effect(plan.messages + extra))
      }
      expect(counts(audit(effects))).toEqual({
        received: plan.messages - n.lost,
        lost: n.lost,
        duplicated: n.doubled,
        outOfOrder: 0,
        corrupt: n.altered,
        foreign: n.foreign,
        replayed: 0,
      })
    }),
    { numRuns: 40 },
  )
})

test('a message that takes effect after its successor is out of order', () => {
  fc.assert(
    fc.property(interleaving, fc.nat(), (order, choice) => {
      const followed = order.filter((sequence) => successor(sequence, order) !== undefined)
      const early = followed[choice % followed.length] ?? expect.unreachable()
      const late = successor(early, order) ?? expect.unreachable()
      const swapped = order.map((n) => (n === early ? late : n === late ? early : n))
      const findings = audit(swapped.map((n) => effect(n)))
      expect(counts(findings)).toEqual({ ...clean, outOfOrder: 1 })
      expect(findings.groups[0]?.outOfOrder.examples).toMatchObject([{ sequence: early }])
    }),
    { numRuns: 40 },
  )
})

function successor(sequence: number, order: readonly number[]): number | undefined {
  return order.find(
    (other) =>
      plan.keyOf(other) === plan.keyOf(sequence) && plan.keySequenceOf(other) === plan.keySequenceOf(sequence) + 1,
  )
}

test('replays are counted, and hide no loss, no duplicate and no swap, wherever they stand', () => {
  const planted = fc.record({
    picked: fc.shuffledSubarray(sequences, { minLength: 30, maxLength: 30 }),
    numbers: fc.record({ lost: fc.nat(9), doubled: fc.nat(9), late: fc.nat(9) }),
    replayed: fc.array(fc.nat(plan.messages - 1), { maxLength: 60 }),
    swap: fc.nat(),
    places: fc.infiniteStream(fc.nat()),
  })
  fc.assert(
    fc.property(interleaving, planted, (order, { picked, numbers, replayed, swap, places }) => {
      const lost = new Set(picked.slice(0, numbers.lost))
      const doubled = picked.slice(10, 10 + numbers.doubled)
      // Refused at first: these take effect by a replay alone.
      const late = new Set(picked.slice(20, 20 + numbers.late))
      const inTurn = order.filter((sequence) => !lost.has(sequence) && !late.has(sequence))
      const followed = inTurn.filter((sequence) => successor(sequence, inTurn) !== undefined)
      const early = followed[swap % followed.length] ?? expect.unreachable()
      const next = successor(early, inTurn) ?? expect.unreachable()
      const effects = inTurn.map((n) => effect(n === early ? next : n === next ? early : n))
      const insert = (one: Effect, after = -1) =>
        effects.splice(after + 1 + ((places.next().value ?? 0) % (effects.length - after)), 0, one)
      for (const n of doubled) {
        const first = effects.findIndex(({ sequence }) => sequence === n)
        if (first >= 0) insert(effect(n), first)
      }
      const duplicated = effects.length - inTurn.length
      const again = [...late, ...replayed.filter((n) => !lost.has(n))]
      for (const n of again) insert(effect(n, { replayed: true }))
      const findings = audit(effects)
      expect(counts(findings)).toEqual({
        received: plan.messages - numbers.lost,
        lost: numbers.lost,
        duplicated,
        outOfOrder: 1,
        corrupt: 0,
        foreign: 0,
        replayed: again.length,
      })
      expect(findings.groups[0]?.outOfOrder.examples).toMatchObject([{ sequence: early }])
    }),
    { numRuns: 100 },
  )
})

test('a replay that was altered is corrupt, and one of what was never sent is foreign', () => {
  const replays = [effect(7, { replayed: true, checksumReceived: 1 }), effect(plan.messages, { replayed: true })]
  const findings = audit([...sequences.map((n) => effect(n)), ...replays])
  expect(counts(findings)).toEqual({ ...clean, corrupt: 1, foreign: 1, replayed: 2 })
})

test('a second effect says nothing about how long a message took, and when the run had drained', () => {
  const findings = audit([effect(0), effect(0, { replayed: true, appliedAtMs: 90_000 }), effect(1, { replayed: true })])
  expect(findings.lastAppliedAtMs).toBe(1_020.5)
  expect(findings.groups[0]?.endToEnd.summary().max).toBeCloseTo(20.5, 1)
  expect(findings.groups[0]?.endToEnd.count()).toBe(2)
})

test('a wrong key or key sequence is corrupt, a missing key too', () => {
  const changes = [{ key: 'key-9' }, { key: null }, { keySequence: 99 }]
  const altered = sequences.map((sequence) => effect(sequence, changes[sequence] ?? {}))
  expect(counts(audit(altered))).toEqual({ ...clean, corrupt: 3 })
})

test('an unknown batch took effect as a whole or not at all', () => {
  const unknown = (batch: number) => (batch === 3 || batch === 4 || batch === 5 ? 'unknown' : 'sent')
  const effects = sequences.filter((n) => ![3, 4].includes(plan.batchOf(n)) || n === 40).map((n) => effect(n))
  const findings = audit(effects, unknown)
  expect(counts(findings)).toEqual({ ...clean, received: 221, lost: 9 })
  expect(findings.groups[0]?.lost.examples.map(({ sequence }) => sequence)).toEqual([41, 42, 43, 44, 45])
})

test('an effect of a batch that was refused, or never sent, is foreign', () => {
  const stateOf = (batch: number) => (batch === 3 ? 'failed' : batch === 4 ? 'none' : 'sent')
  const effects = sequences.filter((n) => ![3, 4].includes(plan.batchOf(n)) || n % 10 === 0).map((n) => effect(n))
  expect(counts(audit(effects, stateOf))).toEqual({ ...clean, received: 220, foreign: 2 })
})

test('groups are audited apart, and one without any effect lost everything', () => {
  const effects = sequences.flatMap((n) => (n === 7 ? [effect(n)] : [effect(n), effect(n, { group: 'b' })]))
  const findings = audit(effects, allSent, ['a', 'b', 'down'])
  expect(findings.groups.map(({ group }) => group)).toEqual(['a', 'b', 'down'])
  expect(counts(findings, 'a')).toEqual(clean)
  expect(counts(findings, 'b')).toEqual({ ...clean, received: 239, lost: 1 })
  expect(counts(findings, 'down')).toEqual({ ...clean, received: 0, lost: 240 })
})

test('latencies are measured, and those below 0, which clocks that differ make, are counted', () => {
  const findings = audit([effect(0), effect(1, { appendedAtMs: 1_030, sentAtMs: 1_040 })])
  expect(findings.publish.summary()).toMatchObject({ min: -15, max: 5, negative: 1 })
  expect(findings.groups[0]?.endToEnd.summary()).toMatchObject({ min: -19.5, max: 20.5, negative: 1 })
  expect(findings.lastAppliedAtMs).toBe(1_020.5)
})
