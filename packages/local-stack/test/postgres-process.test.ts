import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { isAlive } from '../src/end-process.ts'
import { type PostgresProcess, startPostgres } from '../src/postgres-process.ts'
import { runProgram } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('PostgreSQL keeps port and committed rows through every kind of end', async () => {
  await using folder = await temporaryFolder()
  await using postgres = await startPostgres({ folder: folder.path, settings: { work_mem: '7MB' } })
  await query(postgres, 'create table row (n int)')
  const ends = [
    () => postgres.stop('smart'),
    () => postgres.stop(),
    () => postgres.stop('immediate'),
    () => postgres.kill(),
  ]
  for (const [n, end] of ends.entries()) {
    const { pid } = postgres
    await query(postgres, `insert into row values (${n})`)
    await end()
    expect(isAlive(pid)).toBe(false)
    await postgres.start()
    expect(postgres.pid).not.toBe(pid)
  }
  expect(await query(postgres, 'select count(*)::int as value from row')).toBe(ends.length)
  expect(await query(postgres, `select current_setting('work_mem') as value`)).toBe('7MB')
})

test('it ends with the process that started it, and the folder left behind serves the next', async () => {
  await using folder = await temporaryFolder()
  await using parent = await runProgram('postgres-parent', folder.path)
  await parent.kill()
  await expect.poll(() => isAlive(Number(parent.firstLine))).toBe(false)
  await using postgres = await startPostgres({ folder: folder.path, durable: false })
  expect(await query(postgres, 'select 1 as value')).toBe(1)
})

test('one that outlived even its guardian is ended by the next on its folder', async () => {
  await using folder = await temporaryFolder()
  const unguarded = { guard: () => {}, release: () => {} }
  await using left = await startPostgres({ folder: folder.path, durable: false, guardian: unguarded })
  await using next = await startPostgres({ folder: folder.path, durable: false })
  expect(isAlive(left.pid)).toBe(false)
  expect(await query(next, 'select 1 as value')).toBe(1)
})

test('a pid file that names a stranger is in nobody’s way', async () => {
  await using folder = await temporaryFolder()
  const first = await startPostgres({ folder: folder.path, durable: false })
  await first.stop()
  await writeFile(join(folder.path, 'data', 'postmaster.pid'), `${process.pid}\n`)
  await using second = await startPostgres({ folder: folder.path, durable: false })
  expect(await query(second, 'select 1 as value')).toBe(1)
  expect(isAlive(process.pid)).toBe(true)
})

test('a start that fails says so with the end of the log', async () => {
  await using folder = await temporaryFolder()
  await expect(startPostgres({ folder: folder.path, settings: { shared_buffers: 'much' } })).rejects.toMatchObject({
    code: 'OUTBOX_SERVICE_FAILED',
    message: expect.stringContaining('invalid value for parameter "shared_buffers": "much"'),
  })
})

async function query({ url }: PostgresProcess, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows[0]?.value
  } finally {
    await client.end()
  }
}
