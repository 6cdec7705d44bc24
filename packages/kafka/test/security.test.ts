import { inspect } from 'node:util'
import { LocalStackError } from '@outbox/local-stack/local-stack-error'
import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { skipBecause } from '@outbox/local-stack/skip-because'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { KafkaSecurity } from '../src/connect-kafka.ts'
import { countPartitions } from '../src/count-partitions.ts'
import { ensureTopic } from '../src/ensure-topic.ts'
import { createPublisher } from '../src/publisher.ts'
import { createAuthority } from './certificates.ts'
import { freshTopic, outgoing, publishNames, testConnection, uniqueName } from './fresh-topic.ts'
import { startReader } from './read-topic.ts'
import { type SecureKafka, startSecureKafka } from './secure-kafka.ts'

/** for a JVM to start on a machine that is busy */
const startMs = 120_000

const marks = new SecretMarks()
const user = { username: 'app', password: marks.mark('the password') }
const scram = { mechanism: 'scram-sha-512', ...user } as const

let kafka: SecureKafka
let missing = ''

beforeAll(async () => {
  try {
    kafka = await startSecureKafka(user)
  } catch (error) {
    if (!(error instanceof LocalStackError && error.code === 'OUTBOX_NO_JAVA')) throw error
    missing = error.message
  }
}, startMs)

afterAll(async () => await kafka?.[Symbol.asyncDispose]())

beforeEach((context) => {
  if (missing !== '') skipBecause(context, missing)
})

type TestConnection = ReturnType<typeof testConnection>

const soon = { timeout: 30_000, interval: 20 }

const at = (listener: keyof SecureKafka['ports'], security: KafkaSecurity, host = 'localhost') =>
  testConnection(`${host}:${kafka.ports[listener]}`, security)
const trusting = () => ({ ca: kafka.authority.certificate })

function expectNoPassword({ logged }: TestConnection): void {
  expect(marks.foundIn(inspect(logged, { depth: null }))).toEqual([])
}

test('what is published over TLS under a name is read so', async () => {
  const connection = at('SECURE', { tls: trusting(), sasl: scram })
  const topic = await freshTopic(connection)
  await publishNames(connection, topic, 'abc')
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.names).toEqual([['a', 'b', 'c']]), soon)
  expectNoPassword(connection)
})

test('a certificate of its own is enough for a broker that asks for one', async () => {
  const { certificate: cert, key } = await kafka.authority.certify('a client')
  const connection = at('MUTUAL', { tls: { ...trusting(), cert, key } })
  await publishNames(connection, await freshTopic(connection), 'a')
})

test.for<[string, () => TestConnection | Promise<TestConnection>, RegExp]>([
  [
    'another password',
    () => at('SECURE', { tls: trusting(), sasl: { ...scram, password: marks.mark('another password') } }),
    /correct KAFKA_USERNAME or KAFKA_PASSWORD \(.*invalid credentials/,
  ],
  [
    'another mechanism',
    () => at('SECURE', { tls: trusting(), sasl: { ...scram, mechanism: 'plain' } }),
    /correct KAFKA_SASL_MECHANISM/,
  ],
  ['no name', () => at('SECURE', { tls: trusting() }), /set KAFKA_SASL_MECHANISM if this listener asks for it/],
  ['no TLS', () => at('SECURE', { sasl: scram }), /set KAFKA_TLS if this listener asks for it/],
  ['neither', () => at('SECURE', {}), /set KAFKA_TLS or KAFKA_SASL_MECHANISM if this listener asks for it/],
  ['an authority that Node does not know', () => at('SECURE', { tls: {}, sasl: scram }), /name it in KAFKA_TLS_CA/],
  [
    'another authority',
    async () => at('SECURE', { tls: { ca: (await createAuthority('another')).certificate }, sasl: scram }),
    /name it in KAFKA_TLS_CA/,
  ],
  [
    'an address, where the certificate is for a name',
    () => at('SECURE', { tls: trusting(), sasl: scram }, '127.0.0.1'),
    /is for another host: correct KAFKA_BROKERS .*127\.0\.0\.1/,
  ],
  ['no certificate, where one is asked for', () => at('MUTUAL', { tls: trusting() }), /correct KAFKA_TLS_CERT/],
  ['TLS where there is none', () => at('PLAINTEXT', { tls: trusting() }), /instead of speaking TLS/],
  ['a name where nobody asks for one', () => at('PLAINTEXT', { sasl: scram }), /or unset KAFKA_SASL_MECHANISM/],
])('%s: the reason says what to correct', async ([, connect, remedy]) => {
  const connection = await connect()
  await expect(countPartitions(connection, ['any'])).rejects.toMatchObject({
    code: 'OUTBOX_KAFKA_SECURITY',
    message: expect.stringMatching(remedy),
  })
  expectNoPassword(connection)
})

test('NODE_TLS_REJECT_UNAUTHORIZED=0 lets nobody in', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const connection = at('SECURE', { tls: {}, sasl: scram })
  await expect(countPartitions(connection, ['any']))
    .rejects.toThrow('KAFKA_TLS_CA')
    .finally(vi.unstubAllEnvs)
})

test('another password: a publisher tries again, a subscriber ends', async () => {
  const connection = at('SECURE', { tls: trusting(), sasl: { ...scram, password: marks.mark('another password') } })
  const because = expect.stringContaining('invalid credentials')
  const publisher = createPublisher(connection)
  await expect(publisher.publish([outgoing('any', 'a')])).rejects.toMatchObject({ retriable: true, message: because })
  await using reader = startReader(connection, { topic: 'any' })
  await expect(reader.ended).rejects.toMatchObject({ code: 'OUTBOX_SUBSCRIBER_FAILED', message: because })
  expectNoPassword(connection)
})

test('the first broker takes the name, and the next one, that it names, does not', async () => {
  const connection = at('ASTRAY', { tls: trusting(), sasl: { ...scram, mechanism: 'plain' } })
  const asked = ensureTopic(connection, { topic: uniqueName(), partitions: 1, create: true })
  await expect(asked).rejects.toThrow('correct KAFKA_SASL_MECHANISM')
  expect(connection.logged).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'kafkajs: The broker does not support the requested SASL mechanism',
    }),
  )
  expectNoPassword(connection)
})
