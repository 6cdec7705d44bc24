import { setTimeout as sleep } from 'node:timers/promises'
import { appendMessages } from '@outbox/outbox/append-messages'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type SystemUnderLoad, systemUnderLoad } from './system-under-load.ts'

let system: SystemUnderLoad

beforeAll(async () => {
  system = await systemUnderLoad()
}, 180_000)

afterAll(() => system?.[Symbol.asyncDispose](), 60_000)

const longEnough = 180_000

test('a producer, the relay and a consumer are killed under load, and started again', {
  timeout: longEnough,
}, async () => {
  await system.expectWhole(15_000, async ({ effects }) => {
    for (const [app, after] of [
      ['producer-1', 1_000],
      ['relay-1', 3_000],
      ['consumer-1', 6_000],
      ['producer-2', 9_000],
    ] as const) {
      await effects(after)
      process.kill(await system.pidOf(app), 'SIGKILL')
    }
  })
  for (const app of ['producer-1', 'relay-1', 'consumer-1', 'producer-2']) {
    expect(system.told.some((line) => line.startsWith(`${app} was killed by SIGKILL; started again`))).toBe(true)
  }
})

test('the broker is killed and comes back after 8 s: producers go on answering 202, nothing is parked', {
  timeout: longEnough,
}, async () => {
  await system.expectWhole(15_000, async ({ effects }) => {
    await effects(1_000)
    await system.kafka.kill('SIGKILL')
    await sleep(8_000) // the outage itself
    expect((await send()).status).toBe(202)
    await system.kafka.start()
  })
  expect((await system.pool.query('select from outbox.dead_letter')).rowCount).toBe(0)
})

test('PostgreSQL crashes and comes back: 503 with Retry-After meanwhile, then everything goes on', {
  timeout: longEnough,
}, async () => {
  await system.expectWhole(15_000, async ({ effects }) => {
    await effects(1_000)
    await system.postgres.stop('immediate')
    const answer = await send()
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    await system.postgres.start()
  })
})

test('all backends are terminated every second', { timeout: longEnough }, async () => {
  await system.expectWhole(15_000, async ({ effects }) => {
    for (const after of [500, 4_000, 8_000, 12_000, 16_000]) {
      await effects(after)
      await system.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
      )
    }
  })
})

test('a writer idle in its transaction, and a long one elsewhere, hold nobody up; the late row takes effect', {
  timeout: longEnough,
}, async () => {
  const [writer, elsewhere] = [await system.pool.connect(), await system.pool.connect()]
  try {
    await elsewhere.query('begin isolation level repeatable read')
    await elsewhere.query('select txid_current()')
    await writer.query('begin')
    const [id] = await appendMessages(writer, [{ topic: 'shared-events', key: 'late', payload: '"late"' }])
    // Passes while both are still open: none of these waited for them.
    await system.expectWhole(5_000, async () => {})
    const offsets = await nextOffsets()
    expect(await isPublished(id)).toBe(false)
    await writer.query('commit')
    await vi.waitFor(async () => expect(await nextOffsets()).toBe(offsets + 2), { timeout: 30_000 })
    expect(await isPublished(id)).toBe(true)
  } finally {
    await elsewhere.query('rollback')
    writer.release()
    elsewhere.release()
  }
})

async function send(): Promise<Response> {
  return fetch(`${system.producers[0]}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ key: 'during the fault', payload: 'one' }] }),
  })
}

/** Over all partitions and both groups: grows by two for each message. */
async function nextOffsets(): Promise<number> {
  return (await system.pool.query('select sum(next_offset)::int as sum from inbox.kafka_offset')).rows[0].sum
}

/** Whether every shard has gone past the newest tick that sees the message. */
async function isPublished(messageId: string | undefined): Promise<boolean> {
  const { rows } = await system.pool.query(
    `select exists (
       select from outbox.message, outbox.tick
       where message_id = $1 and pg_visible_in_snapshot(message.xid, tick.snapshot) and tick.n <= (select min(position_n) from outbox.shard)
     ) as published`,
    [messageId],
  )
  return rows[0].published
}
