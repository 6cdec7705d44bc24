import type { Handler, InboxMessage } from '@outbox/inbox/handler'
import type { ClientBase, Pool } from 'pg'

/** Fails messages, each in the way that the first word of its value names, and quotes the message wherever it can. */
export const handle: Handler = async (tx, messages) => {
  for (const message of messages) await ways[String(message.value).split(' ', 1)[0] ?? '']?.(tx, message)
}

type Way = (tx: ClientBase, message: InboxMessage) => Promise<unknown>

/** Those for which the database is to blame, and no message. */
export const passingWays = ['cut-off', 'too-slow', 'unanswered']

const ways: Record<string, Way> = {
  async throw(_tx, { key, value, headers }) {
    throw new Error(`can't take ${key} ${value} ${JSON.stringify(headers)}\n    at ${value} (${key}:1:1)`)
  },
  async parse(_tx, { value }) {
    JSON.parse(String(value).split(' ')[1] ?? '')
  },
  async number(_tx, { value }) {
    BigInt(String(value))
  },
  async argument(_tx, { value }) {
    Buffer.alloc(String(value) as unknown as number)
  },
  async text(_tx, { value }) {
    throw String(value)
  },
  async object(_tx, message) {
    throw { ...message, constructor: { name: String(message.value) }, text: String(message.value) }
  },
  async fields(_tx, { value }) {
    const text = String(value)
    const quoting = { name: text, code: text, topic: text, detail: text, errors: [new Error(text)], response: { text } }
    throw Object.assign(new AggregateError([new Error(text)], text, { cause: new Error(text) }), quoting)
  },
  async drizzle(tx, { value }) {
    // What Drizzle makes of a failed statement.
    const params = [String(value)]
    const cause = await tx.query('select $1::int', params).catch((error) => error)
    throw Object.assign(new Error(`Failed query: select $1::int\nparams: ${params}`, { cause }), { params })
  },
  cast: (tx, { value }) => tx.query('select $1::int', [String(value)]),
  unique: (tx, { key, value }) =>
    tx.query('insert into quoted values ($1, $2), ($1, $2)', [String(key), String(value)]),
  null: (tx, { key }) => tx.query('insert into quoted values ($1, null)', [String(key)]),
  column: (tx, { value }) => tx.query(`select ${String(value).split(' ')[1]}`),
  swallow: (tx, { value }) => tx.query('select $1::int', [String(value)]).catch(() => {}),
  'cut-off': once(async (tx, { value }) => {
    await tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {})
    throw new Error(`could not store ${value}`)
  }),
  'too-slow': once(async (tx, { value }) => {
    await tx.query(`select pg_sleep(60), $1::text`, [String(value)])
  }),
  unanswered: once(async (tx, { value }) => {
    const cause = await tx.query('select pg_sleep(60)').catch((error) => error)
    throw new Error(`no answer for ${value}`, { cause })
  }),
  // Nobody waits for it: the process ends.
  async lost(_tx, { value }) {
    void Promise.reject(new Error(`lost ${value}`))
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  },
}

/** The ways that fail a message for good. */
export const failingWays = Object.keys(ways).filter((way) => way !== 'lost' && !passingWays.includes(way))

/** Fails at the first attempt only. */
function once(way: Way): Way {
  const seen = new Set<string>()
  return async (tx, message) => {
    const value = String(message.value)
    if (seen.has(value)) return
    seen.add(value)
    await way(tx, message)
  }
}

export async function prepare(pool: Pool): Promise<void> {
  await pool.query(`
    select pg_advisory_xact_lock(hashtext('quote-messages'));
    create table if not exists quoted (key text primary key, value text not null)`)
}
