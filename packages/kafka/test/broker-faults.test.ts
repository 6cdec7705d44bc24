import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startKafka } from '@outbox/local-stack/kafka-process'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureTopic } from '../src/ensure-topic.ts'
import { createPublisher, PublishError } from '../src/publisher.ts'
import { admin, freshTopic, outgoing, testConnection } from './fresh-topic.ts'
import { startReader } from './read-topic.ts'

/** for a JVM to start on a machine that is busy */
const startMs = 120_000

let folder: string
let kafka: Awaited<ReturnType<typeof startKafka>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafka-faults-'))
  kafka = await startKafka({
    folder,
    jvmArgs: ['-Xms128m', '-Xmx384m', '-XX:TieredStopAtLevel=1'],
    settings: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
    },
  })
}, startMs)

afterAll(async () => {
  await kafka[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const soon = { timeout: 30_000, interval: 20 }

test(
  'a broker that is killed and comes back is used again, by the publisher at once',
  async () => {
    const connection = testConnection(kafka.brokers)
    const topic = await freshTopic(connection)
    const publisher = createPublisher(connection)
    await using reader = startReader(connection, { topic })
    await publisher.publish([outgoing(topic, 'before')])
    await vi.waitFor(() => expect(reader.names).toEqual([['before']]), soon)

    await kafka.kill()
    const failed = await publisher.publish([outgoing(topic, 'lost')]).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(PublishError)
    await sleep(2_000)
    await kafka.start()
    await vi.waitFor(() => publisher.publish([outgoing(topic, 'after')]), { timeout: 20_000, interval: 100 })
    await vi.waitFor(() => expect(reader.names[0]?.at(-1)).toBe('after'), soon)
    await publisher.close()
  },
  startMs,
)

test('a broker that is paused times the request out as unanswered; the next attempt goes through when it wakes', async () => {
  const connection = testConnection(kafka.brokers)
  const topic = await freshTopic(connection)
  const publisher = createPublisher(connection, { requestTimeoutMs: 1_000 })
  await publisher.publish([outgoing(topic, 'a')])
  kafka.signal('SIGSTOP')
  // Until the signal has arrived, requests are still answered.
  const timedOut = { kafkaCode: 'KafkaJSRequestTimeoutError', unanswered: true }
  await vi.waitFor(() => expect(publisher.publish([outgoing(topic, 'b')])).rejects.toMatchObject(timedOut), soon)
  kafka.signal('SIGCONT')
  await vi.waitFor(() => publisher.publish([outgoing(topic, 'b'), outgoing(topic, 'c')]), soon)
  await publisher.close()
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.names[0]?.at(-1)).toBe('c'), soon)
  expect([...new Set(reader.names[0])]).toEqual(['a', 'b', 'c'])
})

test('a topic that may not be written to is its own fault: an error, until someone allows it', async () => {
  const connection = testConnection(kafka.brokers)
  const topic = await freshTopic(connection)
  const publisher = createPublisher(connection)
  await deny(connection, topic, kafkajs.AclOperationTypes.WRITE)
  await expect(publisher.publish([outgoing(topic, 'a')])).rejects.toMatchObject({
    kafkaCode: 'TOPIC_AUTHORIZATION_FAILED',
    retriable: true,
    topic,
  })
  await allow(connection, topic)
  await vi.waitFor(() => publisher.publish([outgoing(topic, 'a')]), soon)
  await publisher.close()
})

test('a topic that may not be looked at says what to allow', async () => {
  const connection = testConnection(kafka.brokers)
  const topic = await freshTopic(connection)
  await deny(connection, topic, kafkajs.AclOperationTypes.DESCRIBE)
  await expect(ensureTopic(connection, { topic, partitions: 1, create: false })).rejects.toMatchObject({
    code: 'OUTBOX_TOPIC_NOT_AUTHORIZED',
    retriable: true,
    topic,
  })
})

type Connection = ReturnType<typeof testConnection>

const acl = {
  resourceType: kafkajs.AclResourceTypes.TOPIC,
  resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
  principal: 'User:ANONYMOUS',
  host: '*',
  permissionType: kafkajs.AclPermissionTypes.DENY,
}

function deny(connection: Connection, topic: string, operation: number) {
  return admin(connection, (to) => to.createAcls({ acl: [{ ...acl, resourceName: topic, operation }] }))
}

function allow(connection: Connection, topic: string) {
  return admin(connection, (to) =>
    to.deleteAcls({ filters: [{ ...acl, resourceName: topic, operation: kafkajs.AclOperationTypes.ANY }] }),
  )
}
