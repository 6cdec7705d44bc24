import { join } from 'node:path'
import { ConsumerSettings, checkConsumerSettings } from '@outbox/consumer/consumer-settings'
import { checkProducerSettings, ProducerSettings } from '@outbox/producer/producer-settings'
import { checkRelaySettings, RelaySettings } from '@outbox/relay/relay-settings'
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
  return appOf(container).read(env)
}

/** The names in a container's environment that its program knows nothing of. */
export function unknownSettings(container: Container): string[] {
  const { properties } = appOf(container).schema
  return Object.keys(environmentOf(container)).filter((name) => !(name.replace(/_FILE$/, '') in properties))
}

/** Those of every app, and the relay's where it is one. */
type Settings = ServiceSettings & Partial<RelaySettings>

type App = { schema: TObject; read: (env: Environment) => Settings }

// The operator's command has no file of settings.
const OperatorSettings = Type.Object({ DATABASE_URL: ServiceSettings.properties.DATABASE_URL })

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
}

function appOf(container: Container): App {
  const app = apps[programOf(container)]
  if (app === undefined) throw new Error(`${container.name} runs ${container.command.join(' ')}, which is no app`)
  return app
}
