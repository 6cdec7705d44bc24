import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { strangeLines } from '@outbox/local-stack/strange-lines'
import { appendMessages, type OutboxMessage } from '@outbox/outbox/append-messages'
import { findDeadLetters } from '@outbox/outbox/find-dead-letters'
import type pg from 'pg'
import { expect, test, vi } from 'vitest'
import { type RelayProcess, startRelay } from './relay-process.ts'
import { outboxDatabase } from './written-log.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const patience = { timeout: 60_000, interval: 50 }
const traceId = '0af7651916cd43dd8448eb211c80319c'

test('whatever Kafka refuses is in the log by its ids and its trace, and nothing that it says', async () => {
  const marks = new SecretMarks()
  await using database = await outboxDatabase()
  const { topic, pool } = database
  const large = Buffer.alloc(1_500_000, marks.mark('a large payload'))
  const held = marks.mark('a key that is held')
  const ids = await append(pool, [
    message(marks, { topic, key: held, payload: large }),
    message(marks, { topic, key: held }),
    message(marks, { topic: 'not-allowed' }),
    message(marks, { topic }),
  ])
  const card = await appendNumber(pool, topic)
  const env = { RELAY_POISON_POLICY: 'hold-key', RELAY_MAX_ATTEMPTS: '2', RELAY_RETRY_FIRST_MS: '10' }
  await using relay = startRelay({ databaseUrl: withPassword(database.url, marks), topic, env: { ...env, ...loudly } })
  await vi.waitFor(async () => {
    const letters = await findDeadLetters(pool, {})
    expect(letters.map(({ code }) => code).sort()).toEqual([
      'ERR_INVALID_ARG_TYPE',
      'KEY_HELD',
      'MESSAGE_TOO_LARGE',
      'TOPIC_NOT_ALLOWED',
    ])
    expect(refusedIn(relay)).toHaveLength(6)
  }, patience)
  expect(await relay.end('SIGTERM')).toBe(0)

  expectNothingOf(marks, relay)
  expect(relay.lines.join('\n')).not.toContain(card)
  const [tooLarge, , notAllowed] = ids
  for (const messageId of [tooLarge, notAllowed]) {
    expect(refusedIn(relay)).toContainEqual(
      expect.objectContaining({ messageId, traceId, shard: expect.any(Number), code: expect.any(String), attempts: 1 }),
    )
  }
})

test('what may be in the topic already, a database that goes away, and one that says what it was told: nothing of the messages is in the log', async () => {
  const marks = new SecretMarks()
  await using database = await outboxDatabase()
  const { topic, pool } = database
  const databaseUrl = withPassword(database.url, marks)
  const large = () => message(marks, { topic, payload: Buffer.alloc(1_500_000, marks.mark('a large payload')) })
  await append(pool, [message(marks, { topic }), large()])
  const paused = new URL('./pause-at-gap.ts', import.meta.url).href
  const env = { PAUSE_AT: 'before publishing', PAUSE_IN_WINDOW: '1', ...loudly }
  await using first = startRelay({ databaseUrl, topic, env, imports: [paused] })
  await vi.waitFor(() => expect(first.lines).toContain('paused at the gap'), patience)
  await first.end('SIGKILL')

  await using relay = startRelay({ databaseUrl, topic, instance: 'talkative', env: loudly })
  await vi.waitFor(() => expect(refusedIn(relay)).toMatchObject([{ ambiguous: true }]), patience)
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'talkative'`)
  await append(pool, [large()])
  await vi.waitFor(() => expect(refusedIn(relay)).toHaveLength(2), patience)
  await pool.query(talkative)
  await append(pool, [large()])
  expect(await relay.exited).toBe(1)
  expectNothingOf(marks, relay)
  expect(parsed(relay).at(-1)).toMatchObject({
    level: 60,
    err: { code: 'P0001', stack: expect.stringMatching(/^at /) },
  })
  first.lines.splice(first.lines.indexOf('paused at the gap'), 1)
  expectNothingOf(marks, first)
})

/** A trigger of somebody's that says what it was told, in all ways that PostgreSQL has. */
const talkative = `
  create function refuse() returns trigger language plpgsql as $$
  begin
    raise exception 'no %', new.key using detail = new.headers::text, hint = left(convert_from(new.payload, 'UTF8'), 99);
  end $$;
  create trigger refuse before insert on outbox.dead_letter for each row execute function refuse()`

const loudly = { LOG_LEVEL: 'trace' }

function withPassword(databaseUrl: string, marks: SecretMarks): string {
  return Object.assign(new URL(databaseUrl), { password: marks.mark('the password') }).href
}

function message(marks: SecretMarks, given: Partial<OutboxMessage> & { topic: string }): OutboxMessage {
  const headers = {
    [marks.mark("a header's name")]: marks.mark('a header'),
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  }
  return { key: marks.mark('a key'), payload: marks.mark('a payload'), headers, ...given }
}

async function append(pool: pg.Pool, messages: OutboxMessage[]): Promise<string[]> {
  const client = await pool.connect()
  try {
    return await appendMessages(client, messages)
  } finally {
    client.release()
  }
}

/** Past `appendMessages`, which takes texts only: Node quotes the number when it is to become bytes. */
async function appendNumber(pool: pg.Pool, topic: string): Promise<string> {
  const card = String(4_000_000_000_000_000 + Math.floor(Math.random() * 1e15))
  const values = [topic, `{"card": ${card}}`]
  await pool.query(
    `insert into outbox.message (message_id, topic, payload, headers) values (gen_random_uuid(), $1, 'x', $2)`,
    values,
  )
  return card
}

function parsed({ lines }: RelayProcess): Record<string, unknown>[] {
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
}

function refusedIn(relay: RelayProcess): Record<string, unknown>[] {
  return parsed(relay).filter(({ msg }) => String(msg).startsWith('a message was refused'))
}

function expectNothingOf(marks: SecretMarks, { lines }: RelayProcess): void {
  expect(strangeLines(lines.join('\n'))).toEqual([])
  expect(marks.foundIn(lines.join('\n'))).toEqual([])
}
