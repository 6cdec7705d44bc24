import pg from 'pg'
import { claimFolder } from './claim-folder.ts'
import { containerServices } from './container-services.ts'
import { startGuardian } from './guardian.ts'
import type { Harmable } from './harmable.ts'
import { processServices } from './process-services.ts'
import type { Service, ServiceSource } from './service-source.ts'
import type { StackOptions } from './stack-options.ts'

/** PostgreSQL and Kafka, ready for use. Leaving the scope stops what was started. */
export type Stack = AsyncDisposable & {
  databaseUrl: string
  kafkaBrokers: string
  /** Those of the two that are processes of this one. */
  services: Harmable[]
}

/**
 * Makes PostgreSQL and Kafka available: those given by URL; else both in Docker; else as processes of this machine.
 * What is started ends with this process, however that ends.
 * @throws {LocalStackError} OUTBOX_FOLDER_IN_USE, OUTBOX_NO_JAVA, OUTBOX_NO_MAVEN, OUTBOX_DOWNLOAD_FAILED,
 *   OUTBOX_SERVICE_FAILED
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using started = new AsyncDisposableStack()
  started.use(await claimFolder(options.folder, options.serve))
  const source = await chooseSource(options)
  const services: Harmable[] = []
  const begin = async (start: () => Promise<Service>) => {
    const startedAt = Date.now()
    const { address, told, harmable } = started.use(await start())
    if (harmable !== undefined) services.push(harmable)
    options.report(`${told} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`)
    return address
  }
  // Both are waited for, whatever becomes of the other: what has come up is stopped before the error goes on.
  const [database, kafka] = await Promise.allSettled([begin(source.postgres), begin(source.kafka)])
  if (database.status === 'rejected') throw database.reason
  if (kafka.status === 'rejected') throw kafka.reason
  const isOurs = !options.given?.databaseUrl
  const databaseUrl =
    isOurs && options.database ? await ensureDatabase(database.value, options.database) : database.value
  const resources = started.move()
  return { databaseUrl, kafkaBrokers: kafka.value, services, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function chooseSource(options: StackOptions): Promise<ServiceSource> {
  const { databaseUrl, kafkaBrokers } = options.given ?? {}
  const given: Partial<ServiceSource> = {
    ...(databaseUrl && { postgres: async () => givenService(databaseUrl, 'PostgreSQL as given by DATABASE_URL') }),
    ...(kafkaBrokers && { kafka: async () => givenService(kafkaBrokers, `Kafka as given, on ${kafkaBrokers}`) }),
  }
  if (given.postgres && given.kafka) return { postgres: given.postgres, kafka: given.kafka }
  const containers = await containerServices(options)
  if (!('reason' in containers)) return { ...containers, ...given }
  options.report(`${containers.reason}, so PostgreSQL and Kafka run as plain processes`)
  return { ...processServices(options, options.guardian ?? startGuardian()), ...given }
}

function givenService(address: string, told: string): Service {
  return { address, told, [Symbol.asyncDispose]: async () => {} }
}

async function ensureDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
