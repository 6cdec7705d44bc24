import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { storeIdempotencyKey } from '@outbox/outbox/idempotency-key'
import { makeTick } from '@outbox/outbox/make-tick'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { movePositions } from '@outbox/outbox/move-positions'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { auditEffects, type Findings } from '../src/audit/audit-effects.ts'
import { explainFindings } from '../src/audit/explain-findings.ts'
import { keyName, planRun } from '../src/plan/run-plan.ts'
import { MessageFinding } from '../src/report/report.ts'

const topic = 'shared-events'
const plan = planRun({ messages: 6, batchSize: 3, concurrency: 1, keys: 1 })

/** A run of two batches that took no effect anywhere; the steps of its way one by one. */
async function lostRun() {
  const db = await freshDatabase(async (pool) => {
    await migrateOutbox(pool)
    await migrateInbox(pool)
    await pool.query(`insert into inbox.consumer_group (name) values ('group-a'), ('group-b')`)
  })
  const relay = makeRelayName('relay-1')
  const { owned } = await claimShards(db.pool, { relay, leaseMs: 600_000, entering: true })
  const findings = auditEffects({
    plan,
    stateOf: () => 'sent',
    groups: ['group-a', 'group-b'],
    measuredFromMs: 0,
  }).findings()
  return Object.assign(db, {
    async append(batch: number) {
      const messages = Array.from({ length: 3 }, () => ({ topic, key: keyName(0), payload: '"x"' }))
      const ids = await appendMessages(db.pool, messages)
      const tx = await db.pool.connect()
      await storeIdempotencyKey(tx, { key: `run-1/${batch}`, fingerprint: Buffer.from('x'), ids })
      tx.release()
      return ids
    },
    tick: () => makeTick(db.pool, { topicPartitions: new Map([[topic, 1]]) }),
    publish: (to: { n: bigint; id: bigint }) => movePositions(db.pool, { relay, shards: owned, to }),
    apply: (group: string, place: string) =>
      db.pool.query(
        `insert into inbox.kafka_offset (group_name, topic, partition, positions) values ($1, $2, 0, array[$3])`,
        [group, topic, place],
      ),
    explain: () => explain(db.pool, findings),
  })
}

async function explain(pool: Parameters<typeof explainFindings>[0]['pool'], findings: Findings) {
  const byGroup = await explainFindings({ runId: 'run-1', plan, pool, findings })
  for (const finding of [...byGroup.values()].flat()) expect(Value.Errors(MessageFinding, finding)).toEqual([])
  return (group: string, sequence: number): MessageFinding =>
    byGroup.get(group)?.find((one) => one.sequence === sequence) ?? expect.unreachable()
}

test('a lost message is found wherever it got stuck on its way, and what to look at is said', async () => {
  await using run = await lostRun()
  expect((await run.explain())('group-a', 4)).toEqual({
    kind: 'lost',
    sequence: 4,
    batch: 1,
    key: 'key-0',
    keySequence: 4,
    messageId: null,
    row: null,
    place: null,
    seen: 'a producer answered 202, and nothing took effect',
    whereabouts: 'not in the outbox: no transaction has kept its batch',
    lookAt: 'the log of the producer that took it, and whether the database went back to an older state',
  })

  await run.append(0)
  const ids = await run.append(1)
  expect((await run.explain())('group-a', 4)).toMatchObject({
    messageId: ids[1],
    row: '5',
    place: null,
    whereabouts: expect.stringMatching(/^in the outbox as row 5 of shard \d+, which no tick has seen yet$/),
    lookAt: 'the relay, whether one runs and what it logs: npm run outbox -- status',
  })

  const tick = (await run.tick()) ?? expect.unreachable()
  const placed = (await run.explain())('group-a', 4)
  const place = placed.place ?? expect.unreachable()
  expect(place).toMatch(new RegExp(`^[0-9a-f]{12}/\\d+/${tick.n}\\.5$`))
  expect(placed.whereabouts).toMatch(/^in the outbox at .+, not published \(its shard stands at .+\)$/)

  await run.publish({ n: tick.n, id: 6n })
  await run.apply('group-b', place)
  const published = await run.explain()
  expect(published('group-a', 4)).toMatchObject({
    place,
    whereabouts: expect.stringMatching(
      /published .+, and not yet reached by group-a, which has applied nothing of its/,
    ),
    lookAt: 'the consumers of group-a, whether they run and what they log: npm run outbox -- status',
  })
  expect(published('group-b', 4)).toMatchObject({
    whereabouts: expect.stringContaining(`and passed by group-b, which stands at ${place}`),
    lookAt: expect.stringContaining('the handler of group-b, which was given it and left no effect'),
  })
})

test('the dead letters of relay and group are named', async () => {
  await using run = await lostRun()
  const [first, second] = await run.append(0)
  const tick = (await run.tick()) ?? expect.unreachable()
  await run.publish({ n: tick.n, id: 3n })
  await run.pool.query(
    `insert into outbox.dead_letter (id, n, shard, message_id, topic, code, reason, ambiguous, first_id, attempts, holds)
     values (1, $1, 0, $2, $3, 'MESSAGE_TOO_LARGE', 'too large', false, 1, 5, false)`,
    [tick.n, first, topic],
  )
  await run.pool.query(
    `insert into inbox.dead_letter (group_name, topic, partition, kafka_offset, message_id, headers, published_at, reason, attempts, first_failed_at)
     values ('group-b', $1, 0, 0, $2, '{}', now(), 'no such customer', 5, now())`,
    [topic, second],
  )
  const of = await run.explain()
  expect(of('group-a', 0)).toMatchObject({
    whereabouts: expect.stringContaining('a dead letter of the relay (MESSAGE_TOO_LARGE: too large)'),
    lookAt: 'its dead letter: npm run outbox -- dead-letters show 1',
  })
  expect(of('group-b', 1)).toMatchObject({
    whereabouts: expect.stringContaining('a dead letter of group-b (no such customer)'),
    lookAt: 'its dead letter: npm run outbox -- dead-letters list --group group-b',
  })
  expect(of('group-a', 1).whereabouts).toContain('not yet reached by group-a')
})

test('a database that cannot be asked does not fail the audit, and that is said', async () => {
  await using run = await lostRun()
  await run.pool.query('drop schema outbox cascade')
  expect((await run.explain())('group-a', 0)).toMatchObject({
    messageId: null,
    whereabouts: `where it is can't be told: relation "outbox.idempotency_key" does not exist`,
    lookAt: 'the database first; then audit the run again',
  })
})
