import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@outbox/local-stack/free-port'
import { startGuardian } from '@outbox/local-stack/guardian'
import { harmableKafka, harmablePostgres } from '@outbox/local-stack/harmable'
import { type KafkaProcess, startKafka } from '@outbox/local-stack/kafka-process'
import { type PostgresProcess, startPostgres } from '@outbox/local-stack/postgres-process'
import { startSystem } from '@outbox/local-stack/start-system'
import { urlsOf } from '@outbox/service/running-system'
import pg from 'pg'
import { expect, vi } from 'vitest'
import type { Report } from '../../src/report/report.ts'

/** The whole system on services of its own, which a test may kill: two producers, a relay, two groups of one member. */
export type SystemUnderLoad = AsyncDisposable & {
  postgres: PostgresProcess
  kafka: KafkaProcess
  pool: pg.Pool
  /** A folder that has `.outbox/system.json`, as the project's has while `npm start` runs. */
  root: string
  producers: string[]
  /** What the supervision said. */
  told: string[]
  /** The process id of an app now. */
  pidOf(name: string): Promise<number>
  /** Runs the load tester with options of its own beside those that lead it here. */
  loadtest(id: string, options: readonly string[]): Promise<Tested>
  /** Sends `messages` while `inflict` does its worst, and expects that the audit passes. */
  expectWhole(messages: number, inflict: (run: Run) => Promise<void>): Promise<Report>
}

/** What a load test came to. */
export type Tested = { code: unknown; printed: string; report: Report }

/** A load test under way. */
export type Run = {
  id: string /** Waits until so many effects, over both groups, are counted. */
  effects(atLeast: number): Promise<void>
}

const inProject = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

/**
 * @param settings of all apps, beside those that make faults short
 * @param own settings of the consumer of group-b alone
 */
export async function systemUnderLoad(
  settings: Record<string, string> = {},
  own: { groupB: Record<string, string> } = { groupB: {} },
): Promise<SystemUnderLoad> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'outbox-faults-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const guardian = startGuardian()
  const [postgres, kafka] = await Promise.all([
    startPostgres({ folder: join(folder, 'postgres'), guardian }),
    startKafka({ folder: join(folder, 'kafka'), guardian }),
  ])
  started.use(postgres)
  started.use(kafka)
  const told: string[] = []
  const file = join(folder, '.outbox', 'system.json')
  const system = await startSystem({
    apps: await apps(settings, own),
    env: { PATH: process.env.PATH },
    folder: join(folder, 'apps'),
    file,
    given: { databaseUrl: postgres.url, kafkaBrokers: kafka.brokers },
    services: [harmablePostgres(postgres), harmableKafka(kafka)],
    report: (line) => told.push(line),
  })
  started.use(system)
  const pool = new pg.Pool({ connectionString: postgres.url })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  started.defer(() => pool.end())
  const producers = urlsOf('producer', system.apps)
  const loadtest = (id: string, options: readonly string[]) =>
    loadTest({ id, folder, options, producers, databaseUrl: postgres.url })
  const resources = started.move()
  return {
    postgres,
    kafka,
    pool,
    root: folder,
    producers,
    told,
    loadtest,
    async pidOf(name) {
      const { apps: now } = JSON.parse(await readFile(file, 'utf8')) as { apps: { name: string; pid: number }[] }
      return now.find((app) => app.name === name)?.pid ?? Number.NaN
    },
    async expectWhole(messages, inflict) {
      const id = `faults-${Date.now()}`
      // Small batches: the load is to last while the fault does.
      const testing = loadtest(id, ['--messages', `${messages}`, '--batch-size', '5', '--concurrency', '4'])
      await inflict({ id, effects: (atLeast) => effectsReach(pool, id, atLeast) })
      const { code, printed, report } = await testing
      expect(code, printed).toBe(0)
      expect(report.totals).toMatchObject({ messages, sent: messages, failed: 0, unknown: 0 })
      expect(report.groups.map(({ name, received }) => [name, received])).toEqual([
        ['group-a', messages],
        ['group-b', messages],
      ])
      return report
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function apps(given: Record<string, string>, { groupB }: { groupB: Record<string, string> }) {
  const settings = { RELAY_LEASE_MS: '3000', RELAY_SEND_TIMEOUT_MS: '2000', LOG_LEVEL: 'info', ...given }
  const names = [
    ['producer-1', 'producer', {}],
    ['producer-2', 'producer', {}],
    ['relay-1', 'relay', {}],
    ['consumer-1', 'consumer', { CONSUMER_GROUP: 'group-a' }],
    ['consumer-2', 'consumer', { CONSUMER_GROUP: 'group-b', ...groupB }],
  ] as const
  const found = []
  for (const [name, app, own] of names) {
    const program = inProject(`apps/${app}/src/main.ts`)
    found.push({ name, program, port: await freePort(), settings: { ...settings, ...own } })
  }
  return found
}

async function loadTest(run: {
  id: string
  folder: string
  options: readonly string[]
  producers: string[]
  databaseUrl: string
}): Promise<Tested> {
  const json = join(run.folder, `${run.id}.json`)
  const around = ['--run-id', run.id, '--json', json, '--producers', run.producers.join()]
  const options = [...run.options, ...around, '--database-url', run.databaseUrl]
  const tester = spawn(process.execPath, [inProject('apps/load-tester/src/main.ts'), ...options])
  let printed = ''
  for (const stream of [tester.stdout, tester.stderr]) stream.on('data', (chunk) => (printed += chunk))
  const code = await new Promise((resolve) => tester.once('close', resolve))
  return { code, printed, report: JSON.parse(await readFile(json, 'utf8')) as Report }
}

async function effectsReach(pool: pg.Pool, id: string, atLeast: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await pool.query(
        'select coalesce(sum(effects), 0)::int as effects from ledger.progress where run = $1',
        [id],
      )
      expect(rows[0].effects).toBeGreaterThanOrEqual(atLeast)
    },
    { timeout: 60_000, interval: 20 },
  )
}
