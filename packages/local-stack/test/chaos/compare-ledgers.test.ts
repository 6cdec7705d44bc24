import { expect, test } from 'vitest'
import { compareLedgers, type Ledgers } from '../../../../scripts/chaos/compare-ledgers.ts'

const group = { name: 'group-a', received: 4, lost: 0, duplicated: 0, outOfOrder: 0, corrupt: 0, foreign: 0 }

/** Messages 0 to 3 of a run, rows 1 to 4, of which 2 and 3 are of a batch that never settled. */
function ledgers({ inTopic = [0, 1, 2, 3], groups = [group] } = {}): Ledgers {
  const topic = {
    appearances: inTopic.length,
    ids: new Set([1, 2, 3, 4]),
    duplicatesAtMs: [],
    runs: new Map([['run', new Set(inTopic)]]),
    violations: [],
  }
  const answers = { sent: [0, 1], failed: [9], unknown: [[2, 3]] }
  const audit = { verdict: 'passed', totals: { sent: 2, failed: 1, unknown: 2 }, groups }
  return {
    loads: [{ run: 'run', answers, audit }],
    rows: topic.ids,
    poison: new Set(),
    deadLetters: 0,
    topics: [topic],
  }
}

test('ledgers that agree say nothing', () => {
  expect(compareLedgers(ledgers())).toEqual([])
  expect(compareLedgers(ledgers({ inTopic: [0, 1] })), 'unknown: never').toEqual([])
})

test.for([
  [[0, 2, 3], '1 messages of run were answered 202 and are in no topic (1)'],
  [[0, 1, 2, 3, 9], '1 messages of run were refused and are in a topic (9)'],
  [[0, 1, 2], '1 batches of run never settled, and are in a topic in part (2)'],
] as const)('answers and topic that contradict each other: %j', ([inTopic, problem]) => {
  expect(compareLedgers(ledgers({ inTopic: [...inTopic] }))).toEqual([problem])
})

test('effects that were lost, came twice, or out of order are named by group', () => {
  const groups = [group, { ...group, name: 'group-b', lost: 2, outOfOrder: 1 }]
  expect(compareLedgers(ledgers({ groups }))).toEqual(['run, group-b: 2 lost', 'run, group-b: 1 outOfOrder'])
  expect(compareLedgers(ledgers({ groups: [] }))).toEqual(['run: no group has applied anything'])
})
