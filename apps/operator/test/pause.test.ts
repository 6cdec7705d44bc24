import { claimShards } from '@outbox/outbox/claim-shards'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { expect, test } from 'vitest'
import { operatedDatabase } from './run-operator.ts'

const relay = makeRelayName('relay-1')
const all = Array.from({ length: 16 }, (_, shard) => shard)

test('pause takes shards away from their relay and resume lets it have them again; status tells them from unowned ones', async () => {
  await using db = await operatedDatabase()
  const claim = () => claimShards(db.pool, { relay, leaseMs: 60_000 })
  await claim()
  expect(await db.outbox('pause 7 3 7')).toEqual({ exitCode: 0, out: 'paused: 3, 7\n', err: '' })
  expect((await claim()).owned).toHaveLength(14)
  const { out } = await db.outbox('status')
  expect(out).toMatch(/Shards without a relay +none/)
  expect(out).toMatch(/Paused shards +3, 7: resume lets them go on/)
  expect(JSON.parse((await db.outbox('--json status')).out)).toMatchObject({ unowned: [], paused: [3, 7] })

  expect((await db.outbox('pause 3 4')).out).toBe('paused: 4\nas before: 3\n')
  expect(JSON.parse((await db.outbox('resume --all --json')).out)).toEqual({
    resumed: [3, 4, 7],
    already: all.filter((shard) => ![3, 4, 7].includes(shard)),
  })
  expect((await claim()).owned).toHaveLength(16)
  expect((await db.outbox('pause --all')).out).toBe(`paused: ${all.join(', ')}\n`)
  expect((await claim()).owned).toEqual([])
})

test.each([
  ['pause', 'pause which shards? Name them, or say --all.'],
  ['resume', 'resume which shards?'],
  ['pause 16', 'A shard is a number from 0 to 15'],
  ['pause 1.5', 'A shard is a number'],
  ['pause 1 --all', 'not both'],
])('%s: one message, exit code 2, nothing changed', async (line, message) => {
  await using db = await operatedDatabase()
  const { exitCode, out, err } = await db.outbox(line)
  expect([exitCode, out]).toEqual([2, ''])
  expect(err).toContain(message)
  expect((await db.pool.query('select from outbox.shard where paused')).rowCount).toBe(0)
})
