import { fileURLToPath } from 'node:url'
import { listDeadLetters } from '@outbox/inbox/list-dead-letters'
import { requestReplay } from '@outbox/inbox/request-replay'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { strangeLines } from '@outbox/local-stack/strange-lines'
import { startTcpProxy } from '@outbox/local-stack/tcp-proxy'
import { expect, test, vi } from 'vitest'
import { type ConsumerProcess, startConsumer, waitUntil } from './consumer-process.ts'
import { failingWays, passingWays } from './handlers/quote-messages.ts'
import { type TestTopic, testTopic } from './test-topic.ts'

// Real processes, session time-outs and rebalances, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const traceId = '0af7651916cd43dd8448eb211c80319c'

test('whatever a handler says of a message stands with its dead letter, and in the log only whose it was and where it was thrown', async () => {
  const marks = new SecretMarks()
  await using db = await freshDatabase()
  await using topic = testTopic(1)
  await topic.create()
  const room = { CONSUMER_MAX_DEAD_LETTERS: String(failingWays.length) }
  await using consumer = startMarked(marks, { DATABASE_URL: db.url, ...namesOf(topic), ...room })
  await consumer.ready()
  const ways = [...failingWays, ...passingWays]
  await publish(topic, marks, ways)
  await waitUntil(async () => expect(await listDeadLetters(db.pool)).toHaveLength(failingWays.length))
  const [letter] = await listDeadLetters(db.pool)
  expect(marks.foundIn(letter?.reason ?? '')).not.toEqual([])
  await requestReplay(db.pool, { group: topic.group })
  await waitUntil(() =>
    expect(said(consumer, 'the handler failed a dead letter again')).toHaveLength(failingWays.length),
  )
  await publish(topic, marks, ['throw'], ways.length + 1)
  const { body } = await waitUntil(async () => {
    const answer = await consumer.get('/health/ready')
    expect(JSON.parse(answer.body).failing).toEqual(['dead letters'])
    return answer
  })

  expectNothingOf(marks, consumer)
  expect(marks.foundIn(body)).toEqual([])
  for (const what of [
    'a message, which is tried again',
    'becomes a dead letter',
    'a dead letter again',
    'holds its partition',
  ]) {
    const lines = said(consumer, what)
    expect(lines).not.toEqual([])
    for (const line of lines) {
      expect(line).toMatchObject({
        group: topic.group,
        topic: topic.topic,
        partition: 0,
        messageId: expect.any(String),
      })
      expect(line).toMatchObject({
        traceId,
        err: { code: 'OUTBOX_EFFECT_FAILED', cause: { type: expect.any(String) } },
      })
    }
  }
  const thrown = said(consumer, 'becomes a dead letter')[0]?.err
  expect(thrown).toMatchObject({ cause: { type: 'Error', stack: expect.stringContaining('quote-messages.ts:') } })
})

test('what a handler throws when nobody waits for it ends the process, and is in the log without its words', async () => {
  const marks = new SecretMarks()
  await using db = await freshDatabase()
  await using topic = testTopic(1)
  await topic.create()
  await using consumer = startMarked(marks, { DATABASE_URL: db.url, ...namesOf(topic) })
  await consumer.ready()
  await publish(topic, marks, ['lost'])
  expect(await consumer.exited).toBe(1)
  expectNothingOf(marks, consumer)
  expect(consumer.log.at(-1)).toMatchObject({
    level: 60,
    err: { code: 'OUTBOX_UNCAUGHT', cause: { type: 'Error', stack: expect.stringContaining('quote-messages.ts:') } },
  })
})

test('a database that is away and a partition that stops are in the log without password and messages', async () => {
  const marks = new SecretMarks()
  await using db = await freshDatabase()
  await using topic = testTopic(1)
  await topic.create()
  const { hostname: host, port } = new URL(db.url)
  await using proxy = await startTcpProxy({ host, port: Number(port) })
  const member = { DATABASE_URL: proxy.through(db.url), DATABASE_CONNECT_TIMEOUT_MS: '200', ...namesOf(topic) }
  await using consumer = startMarked(marks, member)
  await consumer.ready()
  await publish(topic, marks, ['good'])
  await waitUntil(async () => expect((await consumer.status()).counts.applied).toBe(1))
  proxy.mode = { kind: 'refuse' }
  proxy.cut()
  await publish(topic, marks, ['good'], 2)
  await waitUntil(() => expect(said(consumer, 'the database failed a batch')).not.toEqual([]))
  await db.pool.query('update inbox.kafka_offset set next_offset = 1000')
  proxy.mode = { kind: 'pass' }
  await publish(topic, marks, ['good'], 3)
  await waitUntil(() => expect(said(consumer, 'the partition is stopped')).toHaveLength(1))
  consumer.kill('SIGTERM')
  expect(await consumer.exited).toBe(0)
  expectNothingOf(marks, consumer)
})

function namesOf({ topic, group }: TestTopic): Record<string, string> {
  return { TOPICS: topic, CONSUMER_GROUP: group }
}

/** A member whose password is marked, and whose handler says all that it knows. */
function startMarked(marks: SecretMarks, { DATABASE_URL = '', ...env }: Record<string, string>): ConsumerProcess {
  return startConsumer({
    DATABASE_URL: Object.assign(new URL(DATABASE_URL), { password: marks.mark('the password') }).href,
    CONSUMER_HANDLER: fileURLToPath(new URL('./handlers/quote-messages.ts', import.meta.url)),
    CONSUMER_MAX_ATTEMPTS: '2',
    DATABASE_STATEMENT_TIMEOUT_MS: '1000',
    LOG_LEVEL: 'trace',
    ...env,
  })
}

/** A message a way, from number `from` on. */
function publish(topic: TestTopic, marks: SecretMarks, ways: readonly string[], from = 1): Promise<void> {
  const wayOf = (id: number) => ways[id - from] ?? ''
  const value = (id: number) => `${wayOf(id)} ${marks.mark(`the value, ${wayOf(id)}`)} and more`
  return topic.publish(from, from + ways.length - 1, value, (id) => ({
    key: marks.mark(`the key, ${wayOf(id)}`),
    headers: { tenant: marks.mark(`a header, ${wayOf(id)}`), traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  }))
}

function said({ log }: ConsumerProcess, what: string): Record<string, unknown>[] {
  return log.filter(({ msg }) => String(msg).includes(what))
}

function expectNothingOf(marks: SecretMarks, { log, stderr }: ConsumerProcess): void {
  const lines = log.map((line) => JSON.stringify(line)).join('\n')
  expect(strangeLines(lines)).toEqual([])
  expect(stderr).toEqual([])
  expect(marks.foundIn(lines)).toEqual([])
}
