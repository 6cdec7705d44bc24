import { Readable } from 'node:stream'
import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { type FreshDatabase, freshDatabase } from '@outbox/local-stack/fresh-database'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { runCommand } from '../src/run-command.ts'

export type Outcome = { exitCode: number; out: string; err: string }

/** A database with an outbox and an inbox, and the command that looks after it. */
export type OperatedDatabase = FreshDatabase & {
  /**
   * @param answer what somebody at the terminal types; without it there is no terminal
   * @param interrupt aborts where somebody presses Ctrl-C
   */
  outbox(line: string, answer?: string, interrupt?: AbortSignal): Promise<Outcome>
  /** Parks a message under `id`, as a relay does. */
  park(id: number, parked?: Partial<Parked>): Promise<void>
}

export type Parked = {
  topic: string
  key: string | null
  payload: string | null
  code: string
  ambiguous: boolean
  headers: object
}

export async function operatedDatabase(): Promise<OperatedDatabase> {
  const db = await freshDatabase(async (pool) => {
    await migrateOutbox(pool)
    await migrateInbox(pool)
  })
  return Object.assign(db, {
    outbox: (line: string, answer?: string, interrupt?: AbortSignal) =>
      runOperator(line, { databaseUrl: db.url, answer, interrupt }),
    async park(id: number, parked: Partial<Parked> = {}) {
      const {
        topic = 'shared-events',
        key = 'key',
        payload = `${id}`,
        code = 'MESSAGE_TOO_LARGE',
        ambiguous = false,
      } = parked
      await db.pool.query(
        `insert into outbox.dead_letter (id, n, shard, message_id, topic, key, payload, headers, code, reason, ambiguous,
           first_id, attempts, holds)
         values ($1, 1, 0, gen_random_uuid(), $2, $3, $4, $5, $6, 'it was refused', $7, $1, 1, false)`,
        [id, topic, key, payload && Buffer.from(payload), JSON.stringify(parked.headers ?? {}), code, ambiguous],
      )
    },
  })
}

/** Runs one command line; words are divided by blanks. */
export async function runOperator(
  line: string,
  {
    databaseUrl,
    databaseUrlFile,
    env = {},
    answer,
    interrupt,
  }: {
    databaseUrl?: string | undefined
    databaseUrlFile?: string
    env?: Record<string, string>
    answer?: string | undefined
    interrupt?: AbortSignal | undefined
  },
): Promise<Outcome> {
  const said = { out: '', err: '' }
  const output = (stream: 'out' | 'err') => ({
    columns: 100,
    write(text: string) {
      said[stream] += text
    },
  })
  const stdin = Object.assign(Readable.from(answer === undefined ? [] : [`${answer}\n`]), {
    isTTY: answer !== undefined,
  })
  const exitCode = await runCommand(line.split(' '), {
    root: '/nowhere',
    env: { DATABASE_URL: databaseUrl, DATABASE_URL_FILE: databaseUrlFile, ...env },
    stdin,
    stdout: output('out'),
    stderr: output('err'),
    interrupt: () => interrupt ?? new AbortController().signal,
  })
  return { exitCode, ...said }
}
