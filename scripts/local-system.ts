import { fileURLToPath } from 'node:url'
import type { App } from '@outbox/local-stack/run-apps'
import type { SystemOptions } from '@outbox/local-stack/start-system'
import { type SystemSize, standardSize } from './system-size.ts'

/** Every group applies each message once. */
const GROUPS = ['group-a', 'group-b', 'group-c']

/**
 * How to start the system on this machine. PostgreSQL and Kafka are those of DATABASE_URL and KAFKA_BROKERS where given.
 * @param size by default what `npm run demo` runs: 3 producers, a relay, and 3 groups of 2 consumers
 */
export function localSystem(
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
  size: SystemSize = standardSize,
): SystemOptions {
  return {
    apps: systemApps(size),
    folder: inProject('.outbox/system'),
    file: inProject('.outbox/system.json'),
    database: 'outbox',
    given: { databaseUrl: env.DATABASE_URL, kafkaBrokers: env.KAFKA_BROKERS },
    javaHome: env.JAVA_HOME,
    // All apps strip the same types: the compiled files are worth 0.3 s and 35 MB to each.
    env: { NODE_COMPILE_CACHE: inProject('.outbox/compile-cache'), ...env },
    report,
  }
}

/** The apps of a system, by port: producers from 5301, consumers from 5401, group after group, relays from 5501. */
function systemApps({ producers, relays, consumers }: SystemSize): App[] {
  return [
    ...numbers(producers).map((number) => app('producer', number, 5300 + number)),
    ...numbers(relays).map((number) => app('relay', number, 5500 + number)),
    ...numbers(consumers).map((number) => {
      const group = GROUPS[Math.floor(((number - 1) * GROUPS.length) / consumers)] ?? ''
      return app('consumer', number, 5400 + number, { CONSUMER_GROUP: group })
    }),
  ]
}

/** 1, 2, … up to `count`. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function app(name: string, number: number, port: number, settings: Record<string, string> = {}): App {
  return { name: `${name}-${number}`, port, program: inProject(`apps/${name}/src/main.ts`), settings }
}

function inProject(path: string): string {
  return fileURLToPath(import.meta.resolve(`../${path}`))
}
