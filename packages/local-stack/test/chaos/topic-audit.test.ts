import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareLedgers } from '../../../../scripts/chaos/compare-ledgers.ts'
import { auditTopic, type TopicFindings, type TopicMessage } from '../../../../scripts/chaos/topic-audit.ts'

const partitions = 3
const log = '0123456789ab'

/** Shards of a log, each of which goes to the partitions in a fixed order, as its places do. */
const logs = fc.array(fc.record({ shard: fc.nat(3), partition: fc.nat(partitions - 1), tick: fc.nat(3) }), {
  minLength: 2,
  maxLength: 60,
})
type Log = { shard: number; partition: number; tick: number }[]

/** A sound topic: rows in the order of their places, and from any of them on once more what came before it. */
function publish(rows: Log, repeated: readonly number[] = []): TopicMessage[] {
  let n = 1
  const all = rows.map(({ shard, partition, tick }, index) => {
    n += tick
    return messageOf({ shard, partition, n, id: index + 1 })
  })
  for (const index of repeated) {
    const from = index % all.length
    all.splice(from + 1, 0, ...all.slice(Math.max(from - 5, 0), from + 1))
  }
  return numbered(all)
}

type At = { shard: number; partition: number; n: number; id: number }

function messageOf({ shard, partition, n, id }: At): TopicMessage {
  // A key lives in one shard and one partition.
  const key = `key-${shard}-${partition}`
  const stamp = `run/${id}/${id}/1/1`
  const headers = { 'outbox-place': `${log}/${shard}/${n}.${id}`, loadtest: stamp }
  return { partition, offset: 0n, publishedAtMs: 1_000 + id, key, headers }
}

function numbered(messages: TopicMessage[]): TopicMessage[] {
  const next = new Map<number, bigint>()
  return messages.map((message) => {
    const offset = next.get(message.partition) ?? 0n
    next.set(message.partition, offset + 1n)
    return { ...message, offset }
  })
}

function audit(messages: readonly TopicMessage[]): TopicFindings {
  const topic = auditTopic('events')
  for (const message of messages) topic.add(message)
  return topic.findings()
}

test('a sound topic is sound, whatever is repeated in it; repetitions are counted', () => {
  fc.assert(
    fc.property(logs, fc.array(fc.nat(59), { maxLength: 5 }), (rows, repeated) => {
      const messages = publish(rows, repeated)
      const findings = audit(messages)
      expect(findings.violations).toEqual([])
      expect(findings.ids.size).toBe(rows.length)
      expect(findings.appearances).toBe(messages.length)
      expect(findings.duplicatesAtMs.length).toBe(messages.length - rows.length)
      expect(findings.runs.get('run')?.size).toBe(rows.length)
    }),
  )
})

test('two places of a shard that are swapped in their partition are found', () => {
  fc.assert(
    fc.property(logs, fc.nat(), (rows, at) => {
      const messages = publish(rows)
      const pairs = messages.flatMap((one, first) =>
        messages.flatMap((other, second) =>
          first < second && sameStream(one, other) ? [[first, second] as const] : [],
        ),
      )
      fc.pre(pairs.length > 0)
      const [first, second] = pairs[at % pairs.length] ?? [0, 0]
      ;[messages[first], messages[second]] = [messages[second] as TopicMessage, messages[first] as TopicMessage]
      const { violations } = audit(numbered(messages))
      expect(violations.join('\n')).toMatch(/appears first behind/)
    }),
  )
})

test('a gap is found by the outbox’s rows, and a row that was never there by the topic', () => {
  fc.assert(
    fc.property(logs, fc.nat(), (rows, at) => {
      const messages = publish(rows)
      const ids = rows.map((_, index) => index + 1)
      const [gap] = messages.splice(at % messages.length, 1)
      const id = Number(gap?.headers['outbox-place']?.split('.')[1])
      const compare = (known: number[], refused: number[] = []) =>
        compareLedgers({
          loads: [],
          rows: new Set(known),
          poison: new Set(refused),
          deadLetters: 0,
          topics: [audit(messages)],
        })
      expect(compare(ids)).toEqual([`1 rows of the outbox are in no topic (${id})`])
      const other = ids.find((known) => known !== id) ?? 0
      const sound = ids.filter((known) => known !== id)
      expect(compare(sound, [id])).toEqual([])
      expect(compare(sound, [other])).toEqual([`1 messages that Kafka must refuse are in a topic (${other})`])
      expect(compare(sound.filter((known) => known !== other))).toEqual([
        `1 messages in a topic were never in the outbox (${other})`,
      ])
    }),
  )
})

test('a place in two partitions, a row with two places, and a message without a place are found', () => {
  const sound = publish([
    { shard: 1, partition: 0, tick: 1 },
    { shard: 1, partition: 0, tick: 1 },
  ])
  const found = (at: Partial<At>) =>
    audit(numbered([...sound, messageOf({ shard: 1, partition: 0, n: 3, id: 2, ...at })])).violations
  expect(found({})).toEqual([])
  expect(found({ partition: 2 })).toEqual(['events/2 at 0: place 1/3.2 stands in partition 0 as well'])
  expect(found({ n: 4 })).toEqual(['events/0 at 2: row 2 has the places 1/3.2 and 1/4.2'])
  expect(found({ shard: 2 })).toEqual(['events/0 at 2: row 2 has the places 1/3.2 and 2/3.2'])
  const bare = { partition: 0, offset: 2n, publishedAtMs: 1, key: undefined, headers: {} }
  expect(audit([...sound, bare]).violations).toEqual(['events/0 at 2: a message without a place'])
})

test('the order of a key is judged by its first appearances', () => {
  const [first, second] = publish([
    { shard: 1, partition: 0, tick: 1 },
    { shard: 1, partition: 0, tick: 1 },
  ])
  if (first === undefined || second === undefined) throw new Error('there are two')
  const renumbered = { ...second, headers: { ...second.headers, loadtest: 'run/2/0/1/1' } }
  expect(audit([first, renumbered]).violations).toEqual([
    'events/0 at 1: number 0 of key-1-0 appears first behind number 1',
  ])
})

function sameStream(one: TopicMessage, other: TopicMessage): boolean {
  return one.key === other.key
}
