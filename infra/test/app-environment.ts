import { join } from 'node:path'
import { ConsumerSettings, checkConsumerSettings } from '@outbox/consumer/consumer-settings'
import { checkProducerSettings, ProducerSettings } from '@outbox/producer/producer-settings'
import { checkRelaySettings, RelaySettings } from '@outbox/relay/relay-settings'
import { KafkaSecuritySettings } from '@outbox/service/kafka-security-settings'
import { type Environment, readSettings } from '@outbox/service/read-settings'
import { ServiceSettings } from '@outbox/service/service-settings'
import { type TObject, Type } from 'typebox'
import { type Container, kubernetesFolder } from './kubernetes-documents.ts'
import { generated } from './kustomizations.ts'

/** The program that a container runs, from the image's working directory. */
export function programOf({ command }: Container): string {
  return command.find((word) => word.endsWith('.ts')) ?? ''
}

/** The environment that a container gets. */
export function environmentOf({ envFrom = [], env }: Container): Record<string, string> {
  const configMaps = generated('configMapGenerator')
  return {
    ...Object.assign({}, ...envFrom.map(({ configMapRef }) => configMaps.get(configMapRef.name))),
    ...Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'relay-5c5d8fbd6c-x7k2p'])),
  }
}

/** Where a container's DATABASE_URL stands: within a Secret of the example. */
const databaseUrlFile = join(kubernetesFolder, 'overlays/example/database-url.txt')

/**
 * Reads a container's settings as its app does.
 * @throws {SettingsError} what the app would end with
 */
export function settingsOf(container: Container): Settings {
  const env = { ...environmentOf(container), DATABASE_URL_FILE: databaseUrlFile }
  return appOf(programOf(container)).read(env)
}

/** The names in a container's environment that its program knows nothing of. */
export function unknownSettings(container: Container): string[] {
  return unknownNames(programOf(container), environmentOf(container))
}

/** Those of `env` that a program of ours, such as `apps/relay/src/main.ts`, knows nothing of. */
export function unknownNames(program: string, env: Environment): string[] {
  const { properties } = appOf(program).schema
  return Object.keys(env).filter((name) => !(name.replace(/_FILE$/, '') in properties))
}

/**
 * Reads the settings of a program of ours.
 * @throws {SettingsError} what the app would end with
 */
export function readAsProgram(program: string, env: Environment): Settings {
  return appOf(program).read(env)
}

/** Those of every app, and the relay's where it is one. */
type Settings = ServiceSettings & Partial<RelaySettings>

type App = { schema: TObject; read: (env: Environment) => Settings }

// The operator's command and the load tester have no file of settings.
const { DATABASE_URL } = ServiceSettings.properties
const { KAFKA_BROKERS, TOPICS } = RelaySettings.properties
const OperatorSettings = Type.Object({
  DATABASE_URL,
  KAFKA_BROKERS,
  TOPICS,
  LOG_LEVEL: ServiceSettings.properties.LOG_LEVEL,
  RELAY_URLS: Type.String(),
  ...KafkaSecuritySettings.properties,
})
const LoadTesterSettings = Type.Object({ DATABASE_URL, PRODUCER_URLS: Type.String() })

const apps: Record<string, App> = {
  'apps/producer/src/main.ts': {
    schema: ProducerSettings,
    read: (env) => readSettings(ProducerSettings, env, checkProducerSettings),
  },
  'apps/relay/src/main.ts': {
    schema: RelaySettings,
    read: (env) => readSettings(RelaySettings, env, checkRelaySettings),
  },
  'apps/consumer/src/main.ts': {
    schema: ConsumerSettings,
    read: (env) => readSettings(ConsumerSettings, env, checkConsumerSettings),
  },
  'apps/operator/src/main.ts': {
    schema: OperatorSettings,
    read: (env) => readSettings(ServiceSettings, { PORT: '0', ...env }),
  },
  'apps/load-tester/src/main.ts': {
    schema: LoadTesterSettings,
    read: (env) => readSettings(ServiceSettings, { PORT: '0', ...env }),
  },
}

function appOf(program: string): App {
  const app = apps[program]
  if (app === undefined) throw new Error(`${program} is no app`)
  return app
}
