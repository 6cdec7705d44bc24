import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatLoadtestHeader, loadtestHeader } from '@outbox/ledger/loadtest-header'
import { readProgress } from '@outbox/ledger/read-progress'
import { type Effect, streamEffects } from '@outbox/ledger/stream-effects'
import { freePort } from '@outbox/local-stack/free-port'
import { type FreshDatabase, freshDatabase } from '@outbox/local-stack/fresh-database'
import { startSystem } from '@outbox/local-stack/start-system'
import { appendMessages } from '@outbox/outbox/append-messages'
import { expect, inject, test } from 'vitest'
import { runOperator } from './run-operator.ts'

const keys = 5
const messages = 200
const run = 'replayed-run'

test('messages that are replayed take effect once more in every group, in their order, and are marked', async () => {
  await using db = await freshDatabase()
  await using system = await relayAndTwoGroups(db)
  await appendMessages(
    db.pool,
    Array.from({ length: messages }, (_, sequence) => {
      const keySequence = Math.floor(sequence / keys)
      const stamp = formatLoadtestHeader({ run, sequence, keySequence, sentAtMs: Date.now(), checksum: 0 })
      const key = `key-${sequence % keys}`
      return { topic: system.topic, key, payload: `${sequence}`, headers: { [loadtestHeader]: stamp } }
    }),
  )
  await effectsReach(db, 2 * messages)

  // The relay moves its position after Kafka's answer, when the consumers may have had their turn already.
  const replay = (options: string) => runOperator(`replay --from-id 51 --to-id 150 ${options}`, { databaseUrl: db.url })
  await expect.poll(() => replay('--dry-run')).toMatchObject({ out: 'chosen: 100\n' })
  const { exitCode, out, err } = await replay('--yes')
  expect({ exitCode, out }, err).toEqual({ exitCode: 0, out: 'replayed: 100\n' })
  await effectsReach(db, 2 * messages + 2 * 100)
  for (const group of system.groups) {
    const effects = await effectsOf(db, group)
    const [again, first] = [true, false].map((replayed) => effects.filter((effect) => effect.replayed === replayed))
    expectInOrder(first, { from: 0, count: messages })
    expectInOrder(again, { from: 50, count: 100 })
  }
})

/** Each sequence once, and those of a key ascending. */
function expectInOrder(effects: Effect[] = [], { from, count }: { from: number; count: number }): void {
  const sequences = effects.map(({ sequence }) => sequence)
  expect(sequences.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => from + at))
  for (const ofKey of Map.groupBy(sequences, (sequence) => sequence % keys).values())
    expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b))
}

async function effectsReach({ pool }: FreshDatabase, count: number): Promise<void> {
  const counted = async () => (await readProgress(pool, run)).reduce((sum, { effects }) => sum + Number(effects), 0)
  await expect.poll(counted).toBe(count)
}

async function effectsOf({ pool }: FreshDatabase, group: string): Promise<Effect[]> {
  const client = await pool.connect()
  const effects: Effect[] = []
  await streamEffects(client, { run, onEffect: (effect) => effects.push(effect) })
  client.release()
  return effects.filter((effect) => effect.group === group)
}

/** On the tests' PostgreSQL and Kafka, with names of its own. */
async function relayAndTwoGroups(db: FreshDatabase) {
  const topic = `replay-${randomBytes(6).toString('hex')}`
  const groups = [`${topic}-a`, `${topic}-b`]
  await using started = new AsyncDisposableStack()
  const folder = started.adopt(await mkdtemp(join(tmpdir(), 'outbox-replay-')), (path) =>
    rm(path, { recursive: true, force: true }),
  )
  const app = async (name: string, app: string, settings: Record<string, string>) => ({
    name,
    program: fileURLToPath(new URL(`../../${app}/src/main.ts`, import.meta.url)),
    port: await freePort(),
    settings: { TOPICS: topic, ...settings },
  })
  started.use(
    await startSystem({
      apps: [
        await app('relay-1', 'relay', {}),
        ...(await Promise.all(
          groups.map((group, at) => app(`consumer-${at + 1}`, 'consumer', { CONSUMER_GROUP: group })),
        )),
      ],
      env: { PATH: process.env.PATH },
      folder,
      file: join(folder, 'system.json'),
      given: { databaseUrl: db.url, kafkaBrokers: inject('kafkaBrokers') },
      report: () => {},
    }),
  )
  const resources = started.move()
  return { topic, groups, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
