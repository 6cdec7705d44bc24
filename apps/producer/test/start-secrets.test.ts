import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@outbox/local-stack/postgres-process'
import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { strangeLines } from '@outbox/local-stack/strange-lines'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { startProcess } from './producer-process.ts'
import { secretFile } from './secret-file.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

test('a password is in no line about a wrong setting, wherever it was put', async () => {
  const marks = new SecretMarks()
  const url = (host: string) => `postgres://user:${marks.mark('a password')}@${host}/database`
  await using file = await secretFile(url('host:x'))
  const wrong = [
    {
      DATABASE_URL: url('host:x'),
      TOPICS: `shared-events,${url('host')}`,
      INSTANCE: `me:${marks.mark('a name')}@host`,
    },
    { DATABASE_URL_FILE: file.path },
    { DATABASE_URL_FILE: url('host') },
  ]
  const printed = await Promise.all(
    wrong.map(async (env) => {
      await using producer = startProcess(env)
      expect(await producer.exitCode).toBe(78)
      expect(producer.stdout()).toBe('')
      return producer.stderr()
    }),
  )
  const names = printed.map((lines) => [...lines.matchAll(/^producer: ([A-Z_]+) [^\n]*\n/gm)].map(([, name]) => name))
  expect(names).toEqual([['DATABASE_URL', 'INSTANCE', 'TOPICS'], ['DATABASE_URL'], ['DATABASE_URL_FILE']])
  expect(marks.foundIn(printed.join())).toEqual([])
})

test('a server that refuses the password: exit 78 with JSON lines, in which neither it nor the right one stands', async () => {
  const marks = new SecretMarks()
  const [right, wrong] = [marks.mark('the right password'), marks.mark('the wrong password')]
  const folder = await mkdtemp(join(tmpdir(), 'password-'))
  const hba = join(folder, 'hba.conf')
  await writeFile(hba, 'host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n')
  await chmod(folder, 0o755)
  {
    await using postgres = await startPostgres({ folder, durable: false, settings: { hba_file: hba } })
    const admin = new pg.Client({ connectionString: postgres.url })
    await admin.connect()
    await admin.query(`create role app login password '${right}'`)
    await admin.end()
    for (const password of [wrong, '']) {
      const url = Object.assign(new URL(postgres.url), { username: 'app', password })
      await using producer = startProcess({ DATABASE_URL: url.href, INSTANCE: 'p-1', LOG_LEVEL: 'trace' })
      expect(await producer.exitCode).toBe(78)
      expect(producer.log().at(-1)).toMatchObject({ level: 60, msg: expect.stringContaining('in DATABASE_URL') })
      expect(strangeLines(producer.stdout())).toEqual([])
      expect(producer.stderr()).toBe('')
      expect(marks.foundIn(producer.stdout())).toEqual([])
    }
  }
  await rm(folder, { recursive: true })
})
