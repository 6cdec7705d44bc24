import type { KafkaSecurity } from '@outbox/kafka/connect-kafka'
import { checkKafkaSecurity, KafkaSecuritySettings, kafkaSecurity } from '@outbox/service/kafka-security-settings'
import { readSettings, SettingsError } from '@outbox/service/read-settings'
import { composeSystem, readRunningSystem, urlsOf } from '@outbox/service/running-system'
import { type Command, InvalidArgumentError } from 'commander'
import { Type } from 'typebox'
import type { KafkaAddress } from './ask-kafka.ts'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'

/** Where the parts of the system are; without brokers or relays nobody has said it. */
export type SystemAddresses = { databaseUrl: string; kafka: KafkaAddress; relays: string[] }

type Given = { databaseUrl?: string; kafkaBrokers?: string[]; relays?: string[] }

/**
 * By options, else the environment, else the system that `npm start` runs, else Compose's. What the running system says of Kafka
 * and the relays counts only with its own database.
 * @throws {OperatorError} when the environment names no brokers or relays that could be any, a file that can't be read, or settings
 *   for Kafka that don't go together
 */
export function findSystem(command: Command, { root, env }: Operator): SystemAddresses {
  const given = command.optsWithGlobals<Given>()
  const running = readRunningSystem(root) ?? composeSystem
  const databaseUrl = given.databaseUrl ?? databaseUrlOf(env) ?? running.databaseUrl
  const own = running.databaseUrl === databaseUrl ? running : undefined
  const brokers = given.kafkaBrokers ?? listIn(env, 'KAFKA_BROKERS', toBrokers) ?? own?.kafkaBrokers.split(',') ?? []
  return {
    databaseUrl,
    kafka: { brokers, security: securityOf(env) },
    relays: given.relays ?? listIn(env, 'RELAY_URLS', toUrls) ?? urlsOf('relay', own?.apps ?? []),
  }
}

/** For commands that also look at Kafka. */
export function withBrokers(command: Command): Command {
  return command.option(
    '--kafka-brokers <host:port,...>',
    'where Kafka is (default: KAFKA_BROKERS, else what npm start runs)',
    toBrokers,
  )
}

/** For commands that also ask the relays. */
export function withRelays(command: Command): Command {
  return command.option(
    '--relays <url,...>',
    'where the relays answer (default: RELAY_URLS, else those that npm start runs)',
    toUrls,
  )
}

const DatabaseSetting = Type.Object({ DATABASE_URL: Type.Optional(Type.String({ secret: true })) })

/** As the apps read it, also from the file that DATABASE_URL_FILE names. */
function databaseUrlOf(env: Operator['env']): string | undefined {
  return explained(() => readSettings(DatabaseSetting, env).DATABASE_URL)
}

/** As the apps read it. */
function securityOf(env: Operator['env']): KafkaSecurity {
  return kafkaSecurity(explained(() => readSettings(KafkaSecuritySettings, env, checkKafkaSecurity)))
}

function explained<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw error instanceof SettingsError ? new OperatorError(error.message, exitCodes.usage) : error
  }
}

function listIn(
  env: Operator['env'],
  name: 'KAFKA_BROKERS' | 'RELAY_URLS',
  read: (text: string) => string[],
): string[] | undefined {
  const text = env[name]
  if (text === undefined) return undefined
  try {
    return read(text)
  } catch (error) {
    throw error instanceof InvalidArgumentError
      ? new OperatorError(`${name} is "${text}": ${error.message}`, exitCodes.usage)
      : error
  }
}

function toBrokers(text: string): string[] {
  const brokers = text.split(',').map((broker) => broker.trim())
  if (!brokers.every((broker) => /^(\[[0-9A-Fa-f:.]+\]|[^\s:/,]+):[0-9]{1,5}$/.test(broker))) {
    throw new InvalidArgumentError('Write host:port, several separated by commas.')
  }
  return brokers
}

function toUrls(text: string): string[] {
  const urls = text.split(',').map((url) => url.trim())
  if (!urls.every((url) => URL.canParse(url) && /^https?:/.test(url))) {
    throw new InvalidArgumentError('Write http://host:port, several separated by commas.')
  }
  return urls
}
