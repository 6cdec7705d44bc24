import { crc32 } from 'node:zlib'
import { formatLoadtestHeader } from '@outbox/ledger/loadtest-header'
import { streamEffects } from '@outbox/ledger/stream-effects'
import { findDeadLetters } from '@outbox/outbox/find-dead-letters'
import { requeueDeadLetters } from '@outbox/outbox/requeue-dead-letters'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { expect, test, vi } from 'vitest'
import { type SystemUnderLoad, systemUnderLoad } from './system-under-load.ts'

/** Too large for the topic: three of 10,000 messages, which have 100 keys. */
const poison = [1_234, 5_678, 8_934]
const poisonKeys = ['key-34', 'key-78']
const patience = { timeout: 60_000, interval: 100 }

test('three poison messages among 10,000 in 10 requests: 9,997 effects a group, three dead letters with their reasons', {
  timeout: 180_000,
}, async () => {
  await using system = await systemUnderLoad({ RELAY_MAX_ATTEMPTS: '1' })
  await limitMessages(system, '20000')
  await send(system, 'skip')
  await vi.waitFor(async () => expect(await effects(system, 'skip')).toEqual([9_997, 9_997]), patience)
  expect(await findDeadLetters(system.pool, {})).toMatchObject(
    poison.map((sequence) => ({
      topic: 'shared-events',
      key: `key-${sequence % 100}`,
      bytes: 30_000,
      code: 'MESSAGE_TOO_LARGE',
      reason: expect.stringContaining('larger than the max message size'),
      nextAttemptAt: null,
    })),
  )
})

test('hold-key: the keys of poison messages wait, and take effect in order once the limit is raised and they are requeued', {
  timeout: 180_000,
}, async () => {
  await using system = await systemUnderLoad({ RELAY_MAX_ATTEMPTS: '1', RELAY_POISON_POLICY: 'hold-key' })
  await limitMessages(system, '20000')
  await send(system, 'hold-key')
  // Of key-34 87 messages stand at or behind the first poison one, of key-78 44.
  const held = 88 + 44
  await vi.waitFor(async () => {
    expect(await effects(system, 'hold-key')).toEqual([10_000 - held, 10_000 - held])
    expect(await findDeadLetters(system.pool, {}, { limit: 1_000 })).toHaveLength(held)
  }, patience)

  await limitMessages(system, '1048588')
  // The second poison message of key-34 had only waited: it was never sent, and no attempt was refused.
  await requeueDeadLetters(system.pool, {})
  await vi.waitFor(async () => expect(await effects(system, 'hold-key')).toEqual([10_000, 10_000]), patience)
  for (const key of poisonKeys) {
    const inOrder = Array.from({ length: 100 }, (_, at) => at)
    expect(await keySequences(system, 'hold-key', key)).toEqual({ 'group-a': inOrder, 'group-b': inOrder })
  }
  await vi.waitFor(async () => expect(await findDeadLetters(system.pool, {})).toEqual([]), patience)
})

async function send({ producers }: SystemUnderLoad, run: string): Promise<void> {
  for (let request = 0; request < 10; request += 1) {
    const messages = Array.from({ length: 1_000 }, (_, at) => message(run, request * 1_000 + at))
    const answer = await fetch(`${producers[request % producers.length]}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages }),
    })
    expect(answer.status).toBe(202)
  }
}

function message(run: string, sequence: number) {
  const payload = 'x'.repeat(poison.includes(sequence) ? 30_000 : 100)
  const stamp = {
    run,
    sequence,
    keySequence: Math.floor(sequence / 100),
    sentAtMs: Date.now(),
    checksum: crc32(payload),
  }
  const headers = { loadtest: formatLoadtestHeader(stamp) }
  return { key: `key-${sequence % 100}`, encoding: 'text', payload, headers }
}

/** How many there are, by group. */
async function effects({ pool }: SystemUnderLoad, run: string): Promise<number[]> {
  const { rows } = await pool.query(
    'select sum(effects)::int as effects from ledger.progress where run = $1 group by group_name order by group_name',
    [run],
  )
  return rows.map(({ effects }) => effects)
}

/** The numbers of a key's messages in the order of their effects, by group. */
async function keySequences({ pool }: SystemUnderLoad, run: string, key: string): Promise<Record<string, number[]>> {
  const numbers: Record<string, number[]> = {}
  const client = await pool.connect()
  await streamEffects(client, {
    run,
    onEffect({ group, key: ofEffect, keySequence }) {
      if (ofEffect !== key) return
      numbers[group] ??= []
      numbers[group].push(keySequence)
    },
  })
  client.release()
  return numbers
}

async function limitMessages({ kafka }: SystemUnderLoad, bytes: string): Promise<void> {
  const admin = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const configEntries = [{ name: 'max.message.bytes', value: bytes }]
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: 'shared-events', configEntries }]
  await admin.alterConfigs({ validateOnly: false, resources })
  await admin.disconnect()
}
