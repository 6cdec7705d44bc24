import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerRuntimeClient, GenericContainer, StartedTestContainer } from 'testcontainers'
import { freePort } from './free-port.ts'
import { kafkaAnswers } from './kafka-answers.ts'
import { kafkaSettings } from './kafka-settings.ts'
import { LocalStackError } from './local-stack-error.ts'
import { postgresAnswers } from './postgres-answers.ts'
import { postgresSettings, settingArguments } from './postgres-settings.ts'
import type { Service, ServiceSource } from './service-source.ts'
import type { StackOptions } from './stack-options.ts'

const POSTGRES_IMAGE = 'postgres:18'
const KAFKA_IMAGE = 'apache/kafka:4.3.1'
const KAFKA_INSIDE = { data: '/tmp/kafka-data', host: '0.0.0.0', port: 9092, controllerPort: 9093 }
const START_MS = 120_000
const READY_POLL_MS = 100
/** How much of its log a container that ends is quoted with. */
const SAID_CHARACTERS = 1_000

/**
 * PostgreSQL and Kafka as containers, where a Docker engine answers and has the images or can pull them.
 * Testcontainers' reaper removes them when this process is killed.
 * @returns why not, in a few words, where it can't be done
 */
export async function containerServices(options: StackOptions): Promise<ServiceSource | { reason: string }> {
  // Loaded only here: it takes a second, which whoever gives URLs is spared.
  const { GenericContainer, ImageName, getContainerRuntimeClient, getReaper } = await import('testcontainers')
  let client: ContainerRuntimeClient
  try {
    client = await getContainerRuntimeClient()
  } catch {
    return { reason: 'no Docker engine answers' }
  }
  try {
    for (const image of [POSTGRES_IMAGE, KAFKA_IMAGE]) {
      const name = ImageName.fromString(image)
      if (await client.image.exists(name)) continue
      options.report(`pulling ${image}`)
      await client.image.pull(name)
    }
    // Has an image of its own; without it nothing would end the containers of a killed run.
    await getReaper(client)
  } catch (error) {
    return { reason: `Docker can't get the images (${error instanceof Error ? error.message : error})` }
  }
  const { host } = client.info.containerRuntime
  const { ports, throwAway = false } = options
  return {
    async postgres() {
      const container = await started(
        new GenericContainer(POSTGRES_IMAGE)
          .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
          .withCommand(['postgres', ...settingArguments(postgresSettings({ durable: !throwAway }))])
          .withExposedPorts(ports?.postgres ? { container: 5432, host: ports.postgres } : 5432),
        POSTGRES_IMAGE,
      )
      const port = container.getMappedPort(5432)
      const address = `postgres://postgres@${host}:${port}/postgres`
      return await whenReady(container, () => postgresAnswers(address), {
        address,
        told: `PostgreSQL 18 on ${host}:${port}, in Docker`,
      })
    },
    async kafka() {
      // The port is chosen here, since the broker must know before its start what to tell its clients.
      const port = ports?.kafka ?? (await freePort())
      const address = `${host}:${ports?.kafkaAdvertised ?? port}`
      const container = await started(
        new GenericContainer(KAFKA_IMAGE)
          .withEnvironment(asEnvironment(kafkaSettings({ ...KAFKA_INSIDE, advertised: address })))
          .withExposedPorts({ container: KAFKA_INSIDE.port, host: port }),
        KAFKA_IMAGE,
      )
      return await whenReady(container, () => kafkaAnswers(port, host), {
        address,
        told: `Kafka 4.3.1 on ${address}, in Docker`,
      })
    },
  }
}

/** @throws {LocalStackError} with what the container said last, where it ends instead of starting */
async function started(container: GenericContainer, image: string): Promise<StartedTestContainer> {
  let said = ''
  const keepTail = (text: Buffer | string) => {
    said = `${said}${text}`.slice(-SAID_CHARACTERS)
  }
  try {
    return await container.withLogConsumer((log) => log.on('data', keepTail).on('err', keepTail)).start()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new LocalStackError('OUTBOX_SERVICE_FAILED', `${image} did not start in Docker: ${why}\n${said.trim()}`)
  }
}

async function whenReady(
  container: StartedTestContainer,
  isReady: () => Promise<boolean>,
  service: Pick<Service, 'address' | 'told'>,
): Promise<Service> {
  for (const deadline = Date.now() + START_MS; !(await isReady()); await sleep(READY_POLL_MS)) {
    if (Date.now() < deadline) continue
    await container.stop()
    throw new LocalStackError('OUTBOX_SERVICE_FAILED', `not ready after ${START_MS / 1_000} s: ${service.told}`)
  }
  return { ...service, [Symbol.asyncDispose]: async () => void (await container.stop()) }
}

/** The image takes `a.b` as KAFKA_A_B. */
function asEnvironment(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]),
  )
}
