import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startKafka } from '@outbox/local-stack/kafka-process'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createPublisher, PublishError } from '../src/publisher.ts'
import { freshTopic, outgoing, testConnection } from './fresh-topic.ts'
import { startReader } from './read-topic.ts'

let folder: string
let kafka: Awaited<ReturnType<typeof startKafka>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafka-faults-'))
  kafka = await startKafka({ folder, jvmArgs: ['-Xms128m', '-Xmx384m', '-XX:TieredStopAtLevel=1'] })
})

afterAll(async () => {
  await kafka[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const soon = { timeout: 30_000, interval: 20 }

test('a broker that is killed and comes back is used again soon, by publisher and subscriber', async () => {
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
  const back = performance.now()
  await vi.waitFor(() => publisher.publish([outgoing(topic, 'after')]), { timeout: 20_000, interval: 100 })
  const published = performance.now() - back
  await vi.waitFor(() => expect(reader.names[0]?.at(-1)).toBe('after'), soon)
  const received = performance.now() - back
  expect(published).toBeLessThan(2_000)
  expect(received).toBeLessThan(5_000)
  await publisher.close()
})

test('a broker that is paused times the request out as unanswered; the next attempt goes through when it wakes', async () => {
  const connection = testConnection(kafka.brokers)
  const topic = await freshTopic(connection)
  const publisher = createPublisher(connection, { requestTimeoutMs: 1_000 })
  await publisher.publish([outgoing(topic, 'a')])
  kafka.signal('SIGSTOP')
  const begun = performance.now()
  await expect(publisher.publish([outgoing(topic, 'b')])).rejects.toMatchObject({
    kafkaCode: 'KafkaJSRequestTimeoutError',
    unanswered: true,
  })
  expect(performance.now() - begun).toBeLessThan(3_000)
  kafka.signal('SIGCONT')
  await vi.waitFor(() => publisher.publish([outgoing(topic, 'b'), outgoing(topic, 'c')]), soon)
  await publisher.close()
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.names[0]?.at(-1)).toBe('c'), soon)
  expect([...new Set(reader.names[0])]).toEqual(['a', 'b', 'c'])
})
