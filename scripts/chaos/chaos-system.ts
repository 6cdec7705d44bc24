import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { claimFolder } from '@outbox/local-stack/claim-folder'
import { freePort } from '@outbox/local-stack/free-port'
import { type Guardian, startGuardian } from '@outbox/local-stack/guardian'
import { type KafkaProcess, startKafka } from '@outbox/local-stack/kafka-process'
import { type PostgresProcess, startPostgres } from '@outbox/local-stack/postgres-process'
import { type App, becomeReady, type RunningApp } from '@outbox/local-stack/run-apps'
import { type System, startSystem } from '@outbox/local-stack/start-system'
import { startTcpProxy, type TcpProxy } from '@outbox/local-stack/tcp-proxy'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import pg from 'pg'
import { localSystem } from '../local-system.ts'
import { chaosFolder } from './chaos-folder.ts'
import { expectAccepted, expectUnavailable } from './expect-answers.ts'
import { chaosSettings, consumers, producers, relays, reserveRelays, topics } from './system-shape.ts'

/** The whole system on services of its own, behind proxies, all of which may be harmed. Leaving the scope stops it. */
export type ChaosSystem = AsyncDisposable & {
  postgres: PostgresProcess
  kafka: KafkaProcess
  /** What stands between the apps and the services. */
  networks: { postgres: TcpProxy; kafka: TcpProxy }
  apps: readonly RunningApp[]
  app(name: string): RunningApp
  /** Producers' URLs. */
  producers: string[]
  /** To the database straight, not by the proxy. */
  pool: pg.Pool
  /** The database's URL for those who go straight to it. */
  databaseUrl: string
  /** A name for a load test that no other has. */
  newRun(): string
  /** The load tests that are audited in the end. */
  runs: string[]
  /** Ids of rows that a fault has written, which may be dropped as soon as they are published. */
  lateRows: Set<number>
  /** Ids of rows of which a fault has seen for itself that nothing was lost. */
  judgedRows: Set<number>
  /** Those that are read in the end. */
  topics: readonly string[]
  guardian: Guardian
  /** Aborts when the run is stopped. */
  signal: AbortSignal
  /** Rejects when the run is stopped. */
  sleep(ms: number): Promise<void>
  /** Resolves when the app says that it's ready. */
  ready(names: readonly string[]): Promise<void>
  /** A message sent now is answered 202. */
  expectAccepted(): Promise<void>
  /** A message sent now is answered 503 with Retry-After. */
  expectUnavailable(): Promise<void>
}

export type ChaosSystemOptions = {
  /** What the names of its load tests begin with. */
  name: string
  env: NodeJS.ProcessEnv
  report: (line: string) => void
  signal: AbortSignal
  /** Ids that a partition of the outbox holds. */
  partitionIds: number
  /** Allowed besides those that every run has. */
  moreTopics?: readonly string[]
  /** Settings that one app has and others don't. */
  settingsOf?: (name: string) => Record<string, string>
  /** Where PostgreSQL keeps its data, if not with the rest. */
  postgresFolder?: string
}

const DATABASE = 'outbox'
/** Partitions that are made beforehand; the apps go on with large ones. */
const SMALL_PARTITIONS = 100
const READY_MS = 60_000

/**
 * Starts PostgreSQL and Kafka anew, the proxies before them, and the apps.
 * @throws {LocalStackError} as `startKafka`, `startPostgres` and `startSystem` do
 */
export async function startChaosSystem(options: ChaosSystemOptions): Promise<ChaosSystem> {
  const { env, report, signal } = options
  await using started = new AsyncDisposableStack()
  started.use(await claimFolder(chaosFolder))
  const guardian = startGuardian()
  const kafkaPort = await freePort()
  const kafkaNetwork = started.use(await startTcpProxy({ host: '127.0.0.1', port: kafkaPort }))
  const [postgres, kafka] = await Promise.all([
    startPostgres({
      folder: options.postgresFolder ?? join(chaosFolder, 'postgres'),
      fresh: true,
      durable: false,
      guardian,
    }),
    startKafka({
      folder: join(chaosFolder, 'kafka'),
      fresh: true,
      port: kafkaPort,
      advertisedPort: kafkaNetwork.port,
      guardian,
      report,
      javaHome: env.JAVA_HOME,
    }),
  ])
  started.use(postgres)
  started.use(kafka)
  const postgresNetwork = started.use(await startTcpProxy({ host: '127.0.0.1', port: postgres.port }))
  const databaseUrl = await makeDatabase(postgres.url, options.partitionIds)
  const pool = started.adopt(openPool(databaseUrl), (pool) => pool.end())
  const allowed = [...Object.values(topics), ...(options.moreTopics ?? [])]
  const size = {
    producers: producers.length,
    relays: relays.length + reserveRelays.length,
    consumers: consumers.length,
  }
  const shaped = localSystem(env, (line) => appendFileSync(join(chaosFolder, 'supervision.log'), `${line}\n`), size)
  const system = started.use(
    await startSystem({
      ...shaped,
      apps: await Promise.all(shaped.apps.map((app) => chaosApp(app, allowed, options.settingsOf?.(app.name)))),
      folder: join(chaosFolder, 'system'),
      file: join(chaosFolder, 'system.json'),
      given: { databaseUrl: postgresNetwork.through(databaseUrl), kafkaBrokers: kafka.brokers },
    }),
  )
  const app = (name: string) => findApp(system, name)
  for (const name of reserveRelays) await app(name).hold('stop')
  let runs = 0
  const urls = producers.map((name) => app(name).url)
  const resources = started.move()
  return {
    postgres,
    kafka,
    networks: { postgres: postgresNetwork, kafka: kafkaNetwork },
    apps: system.running,
    app,
    producers: urls,
    pool,
    databaseUrl,
    newRun: () => `${options.name}-${++runs}`,
    runs: [],
    lateRows: new Set(),
    judgedRows: new Set(),
    topics: allowed,
    signal,
    guardian,
    sleep: (ms) => sleep(ms, undefined, { signal }),
    ready: (names) => becomeReady(names.map(app), READY_MS),
    expectAccepted: () => expectAccepted(urls),
    expectUnavailable: () => expectUnavailable(urls),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function chaosApp(app: App, allowed: readonly string[], own: Record<string, string> = {}): Promise<App> {
  const settings = { ...app.settings, ...chaosSettings, TOPICS: allowed.join(), ...own }
  return { ...app, port: await freePort(), settings }
}

function findApp({ running }: System, name: string): RunningApp {
  const app = running.find((app) => app.name === name)
  if (app === undefined) throw new RangeError(`there is no ${name}`)
  return app
}

async function makeDatabase(serverUrl: string, partitionIds: number): Promise<string> {
  const server = new pg.Client({ connectionString: serverUrl })
  await server.connect()
  await server.query(`create database ${DATABASE}`)
  await server.end()
  const url = Object.assign(new URL(serverUrl), { pathname: `/${DATABASE}` }).href
  await using made = new AsyncDisposableStack()
  const pool = made.adopt(openPool(url), (pool) => pool.end())
  await migrateOutbox(pool, { partitionIds, aheadIds: SMALL_PARTITIONS * partitionIds })
  return url
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 5, connectionTimeoutMillis: 5_000, application_name: 'chaos' })
  // It's among the sessions that are ended.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}
