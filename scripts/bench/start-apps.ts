import { fileURLToPath } from 'node:url'
import { freePort } from '@outbox/local-stack/free-port'
import type { App } from '@outbox/local-stack/run-apps'
import { type System, startSystem } from '@outbox/local-stack/start-system'
import { localSystem } from '../local-system.ts'
import type { Bench } from './benchmark.ts'

const FOLDER = fileURLToPath(import.meta.resolve('../../.outbox/bench/apps'))

/**
 * Starts apps as `npm start` does, but on a benchmark's database and topic, and on free ports. Resolves when each is
 * ready.
 * @param names those of the system's apps to start; without it all of them
 */
export async function startApps(
  { env, kafkaBrokers, report }: Bench,
  { databaseUrl, topic, names }: { databaseUrl: string; topic: string; names?: readonly string[] },
): Promise<System> {
  const system = localSystem(env, report)
  const wanted = system.apps.filter(({ name }) => names?.includes(name) ?? true)
  return await startSystem({
    ...system,
    apps: await Promise.all(wanted.map((app) => appOnTopic(app, topic))),
    folder: FOLDER,
    file: `${FOLDER}/system.json`,
    given: { databaseUrl, kafkaBrokers },
    report: () => {},
  })
}

async function appOnTopic(app: App, topic: string): Promise<App> {
  const { CONSUMER_GROUP: group } = app.settings
  // Another system on the same Kafka may have groups of the same names, with other topics.
  const ownGroup = group === undefined ? {} : { CONSUMER_GROUP: `${topic}-${group}` }
  return { ...app, port: await freePort(), settings: { ...app.settings, TOPICS: topic, ...ownGroup } }
}
