import { fileURLToPath } from 'node:url'
import type { App } from '@outbox/local-stack/run-apps'
import type { SystemOptions } from '@outbox/local-stack/start-system'

/** The system that `npm start` and `npm run demo` run: 3 producers, a relay, and 3 groups of 2 consumers. */
const APPS: readonly App[] = [
  app('producer', 1, 5301),
  app('producer', 2, 5302),
  app('producer', 3, 5303),
  app('relay', 1, 5501),
  app('consumer', 1, 5401, { CONSUMER_GROUP: 'group-a' }),
  app('consumer', 2, 5402, { CONSUMER_GROUP: 'group-a' }),
  app('consumer', 3, 5403, { CONSUMER_GROUP: 'group-b' }),
  app('consumer', 4, 5404, { CONSUMER_GROUP: 'group-b' }),
  app('consumer', 5, 5405, { CONSUMER_GROUP: 'group-c' }),
  app('consumer', 6, 5406, { CONSUMER_GROUP: 'group-c' }),
]

/** How to start it on this machine. PostgreSQL and Kafka are those of DATABASE_URL and KAFKA_BROKERS where given. */
export function localSystem(env: NodeJS.ProcessEnv, report: (line: string) => void): SystemOptions {
  return {
    apps: APPS,
    folder: inProject('.outbox/system'),
    file: inProject('.outbox/system.json'),
    database: 'outbox',
    given: { databaseUrl: env.DATABASE_URL, kafkaBrokers: env.KAFKA_BROKERS },
    javaHome: env.JAVA_HOME,
    // Ten apps strip the same types: the compiled files are worth 0.3 s and 35 MB to each.
    env: { NODE_COMPILE_CACHE: inProject('.outbox/compile-cache'), ...env },
    report,
  }
}

function app(name: string, number: number, port: number, settings: Record<string, string> = {}): App {
  return { name: `${name}-${number}`, port, program: inProject(`apps/${name}/src/main.ts`), settings }
}

function inProject(path: string): string {
  return fileURLToPath(import.meta.resolve(`../${path}`))
}
