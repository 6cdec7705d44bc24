import { createLayout } from '@outbox/service/text-layout'
import { expect, test } from 'vitest'
import { Latencies } from '../src/report/latencies.ts'
import type { GroupReport, MessageFinding } from '../src/report/report.ts'
import { sectionLines } from '../src/report/section-lines.ts'
import { findingSection } from '../src/report/sections/finding-section.ts'

const finding: MessageFinding = {
  kind: 'lost',
  sequence: 77_031,
  batch: 154,
  key: 'key-31',
  keySequence: 77,
  messageId: '019ac0de-0000-7000-8000-000000000001',
  row: '77120',
  place: '9f6a2c81b7e3/7/33.77120',
  seen: 'a producer answered 202, and nothing took effect',
  whereabouts:
    'in the outbox at 9f6a2c81b7e3/7/33.77120, published (its shard stands at 9f6a2c81b7e3/7/35.90001), and passed by group-b, which stands at 9f6a2c81b7e3/7/35.90000',
  lookAt:
    'the handler of group-b, which was given it and left no effect, and the log of its consumers: npm run outbox -- find 77120',
}

const clean = { lost: 0, duplicated: 0, outOfOrder: 0, corrupt: 0, foreign: 0, replayed: 0, findings: [] }
const group = (name: string, change: Partial<GroupReport> = {}): GroupReport => ({
  name,
  received: 100_000,
  ...clean,
  latencyMs: new Latencies().summary(),
  ...change,
})

test('of each kind in each group the first three messages are told, and what to look at', () => {
  const lost = [1, 2, 3, 4].map((more) => ({ ...finding, sequence: finding.sequence + more }))
  const foreign: MessageFinding = {
    ...finding,
    kind: 'foreign',
    sequence: 100_001,
    batch: null,
    key: null,
    keySequence: null,
    messageId: null,
    row: null,
    place: null,
    seen: 'took effect, though the run ends with sequence 99999',
    whereabouts: 'not in the outbox: no transaction has kept its batch',
    lookAt: 'who else writes into the topic under the id of this run',
  }
  const groups = [group('group-a'), group('group-b', { lost: 12, foreign: 1, findings: [...lost, foreign] })]
  const text = sectionLines(findingSection({ groups }), createLayout(80)).join('\n')
  expect(text.match(/sequence 770\d\d/g)).toEqual(['sequence 77032', 'sequence 77033', 'sequence 77034'])
  expect(text).toMatch(/^ {2}group-b: 12 messages lost\n/)
  expect(text.slice(text.indexOf('sequence 77034') - 4)).toMatchInlineSnapshot(`
    "    sequence 77034, batch 154, key-31, its number 77, id
        019ac0de-0000-7000-8000-000000000001
          What: a producer answered 202, and nothing took effect.
          Where: in the outbox at 9f6a2c81b7e3/7/33.77120, published (its shard
          stands at 9f6a2c81b7e3/7/35.90001), and passed by group-b, which stands at
          9f6a2c81b7e3/7/35.90000.
          Look at: the handler of group-b, which was given it and left no effect,
          and the log of its consumers: npm run outbox -- find 77120
      group-b: 1 effect of what was never sent, or was refused
        sequence 100001
          What: took effect, though the run ends with sequence 99999.
          Where: not in the outbox: no transaction has kept its batch.
          Look at: who else writes into the topic under the id of this run"
  `)
})

test('where nothing is wrong nothing is told', () => {
  expect(findingSection({ groups: [group('group-a')] }).blocks).toEqual([])
})
