import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { strangeLines } from '@outbox/local-stack/strange-lines'
import { expect, test, vi } from 'vitest'
import { databaseProxy } from './database-proxy.ts'
import { holdAppends } from './hold-appends.ts'
import { type ProducerProcess, startProcess } from './producer-process.ts'
import { type Answer, post } from './producer-under-test.ts'
import { rawExchange } from './raw-connection.ts'
import { secretFile } from './secret-file.ts'
import { refusals, talkativeOutbox } from './talkative-outbox.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const traceId = '0af7651916cd43dd8448eb211c80319c'

test('whatever refuses a message, the log has a JSON line for it, with its trace, and nothing of the message', async () => {
  const marks = new SecretMarks()
  await using database = await talkativeOutbox()
  await using producer = await startMarked(database.url, marks)
  const url = await producer.url()
  for (const [how, status] of refusals) {
    expect([how, (await send(url, marked(marks, how), marks)).status]).toEqual([how, status])
  }
  await expectNothingOf(marks, producer)
  const failed = producer.log().filter(({ level }) => Number(level) > 30)
  expect(failed.map(({ status }) => status)).toEqual(refusals.map(([, status]) => status))
  for (const line of failed) expect(line).toMatchObject({ traceId, err: { type: expect.any(String) } })
  expect(failed.at(-1)).toMatchObject({
    problem: 'outcome-unknown',
    messages: 1,
    messageId: expect.stringMatching(/^0/),
  })
})

test('a request that the producer refuses itself leaves nothing in the log', async () => {
  const marks = new SecretMarks()
  await using database = await talkativeOutbox()
  await using producer = await startMarked(database.url, marks)
  const url = await producer.url()
  const good = marked(marks, 'good')
  const [before] = producer.log().slice(-1)
  const refused: [status: number, body: unknown, headers?: Record<string, string>][] = [
    [400, `{"messages":[{"payload":"${marks.mark('broken JSON')}]}`],
    [400, `{"${marks.mark('a name')}":1}`],
    [400, { messages: [{ ...good, key: `${marks.mark('a key')}\0` }] }],
    [400, { messages: [{ ...good, headers: { 'outbox-x': marks.mark('a reserved header') } }] }],
    [400, { messages: [{ ...good, topic: marks.mark('a topic') }] }],
    [400, { messages: [{ ...good, encoding: marks.mark('an encoding') }] }],
    [400, { messages: [good] }, { 'idempotency-key': `two ${marks.mark('an Idempotency-Key')}` }],
    [413, { messages: [{ ...good, payload: marks.mark('a large payload').repeat(1_000) }] }],
    [413, { messages: [good, good, good] }],
    [415, { messages: [good] }, { 'content-type': `text/${marks.mark('a Content-Type')}` }],
  ]
  for (const [status, body, headers] of refused) {
    expect([body, (await send(url, body, marks, headers)).status]).toEqual([body, status])
  }
  expect((await fetch(`${url}/${marks.mark('a path')}?${marks.mark('a query')}`)).status).toBe(404)
  const broken = [`GET /${marks.mark('broken HTTP')} HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n`]
  expect(await rawExchange(Number(new URL(url).port), broken)).toMatch(/^HTTP\/1.1 400 /)
  await expectNothingOf(marks, producer)
  expect(producer.log().at(-1)).toEqual(before)
})

test('a database that is away, slow or crowded is in the log, and nothing of whom it failed', async () => {
  const marks = new SecretMarks()
  await using database = await talkativeOutbox()
  await using proxy = await databaseProxy(database.url)
  await using producer = await startMarked(proxy.through(database.url), marks)
  const url = await producer.url()
  const key = { 'idempotency-key': marks.mark('an Idempotency-Key') }
  const [body, other] = [marked(marks, 'good'), marked(marks, 'other')]
  {
    await using held = await holdAppends(database.pool)
    const waiting = [send(url, body, marks, key), send(url, other, marks)]
    await expect.poll(() => held.waiting()).toBe(2)
    expect((await send(url, body, marks, key)).status).toBe(409)
    const crowd = await Promise.all([1, 2, 3].map(() => send(url, body, marks)))
    expect(crowd.map(({ status }) => status)).toContain(503)
    await held.release()
    for (const answer of await Promise.all(waiting)) expect([202, 503]).toContain(answer.status)
  }
  await expect.poll(async () => (await send(url, body, marks, key)).status).toBe(202)
  expect((await send(url, other, marks, key)).status).toBe(422)

  let left = 1
  proxy.mode = { kind: 'lose-answer', to: (request) => request.includes('commit\0') && left-- > 0 }
  expect(await send(url, body, marks)).toMatchObject({ status: 500, body: { type: 'outcome-unknown' } })
  proxy.mode = { kind: 'refuse' }
  proxy.cut()
  expect((await send(url, body, marks)).status).toBe(503)
  await expect.poll(() => producer.stdout()).toContain('the database does not answer')
  proxy.mode = { kind: 'pass' }
  await producer.ready()
  producer.kill('SIGTERM')
  expect(await producer.exitCode).toBe(0)
  await expectNothingOf(marks, producer)
})

/** Its password is marked, and comes from a file. */
async function startMarked(databaseUrl: string, marks: SecretMarks): Promise<ProducerProcess> {
  const url = Object.assign(new URL(databaseUrl), { password: marks.mark('the password') })
  const file = await secretFile(url.href)
  const producer = startProcess({
    DATABASE_URL_FILE: file.path,
    INSTANCE: 'p-1',
    LOG_LEVEL: 'trace',
    DATABASE_STATEMENT_TIMEOUT_MS: '1000',
    DATABASE_CONNECT_TIMEOUT_MS: '1000',
    PRODUCER_MAX_BATCH: '2',
    PRODUCER_MAX_PAYLOAD_BYTES: '5000',
    PRODUCER_MAX_IN_FLIGHT: '4',
    PRODUCER_UPKEEP_MS: '200',
  })
  await producer.ready().finally(() => file[Symbol.asyncDispose]())
  return producer
}

function marked(marks: SecretMarks, how: string): Record<string, unknown> {
  return {
    key: `${how} ${marks.mark(`the key, ${how}`)}`,
    payload: `${marks.mark(`the payload, ${how}`)} and more`,
    encoding: 'text',
    headers: { [marks.mark(`a header's name, ${how}`)]: marks.mark(`a header, ${how}`) },
  }
}

/** @param body one message, unless it is more, or something else */
function send(url: string, body: unknown, marks: SecretMarks, headers: Record<string, string> = {}): Promise<Answer> {
  const isMessage = typeof body === 'object' && body !== null && 'payload' in body
  return post(url, isMessage ? { messages: [body] } : body, {
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    authorization: `Bearer ${marks.mark('Authorization')}`,
    cookie: `session=${marks.mark('a cookie')}`,
    ...headers,
  })
}

async function expectNothingOf(marks: SecretMarks, producer: ProducerProcess): Promise<void> {
  expect(strangeLines(producer.stdout())).toEqual([])
  expect(producer.stderr()).toBe('')
  expect(marks.foundIn(producer.stdout())).toEqual([])
}
