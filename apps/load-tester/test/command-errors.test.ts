import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fakeProducer } from './fake-producer.ts'
import { loadtest } from './fake-system.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'loadtest-'))
})
afterAll(() => rm(root, { recursive: true }))

const { signal } = new AbortController()
const databaseUrl = 'postgres://nobody@127.0.0.1:9/none'
const run = (line: string, producers: string) => loadtest(line, { root, databaseUrl, producers, signal })

test('nothing to send to is exit code 4, and each address is named', async () => {
  await using dead = await fakeProducer({ name: 'dead', committed: new Map() })
  await dead.kill()
  const { exitCode, progress } = await run('quick', dead.url)
  expect(exitCode).toBe(4)
  expect(progress).toContain(`${dead.url}  nobody listens there`)
})

test('a database that does not answer is told before anything is sent', async () => {
  await using one = await fakeProducer({ name: 'one', committed: new Map() })
  const { exitCode, progress } = await run('quick', one.url)
  expect(exitCode).toBe(4)
  expect(progress).toContain('the database for the audit does not answer (connect ECONNREFUSED 127.0.0.1:9)')
  expect(one.received).toHaveLength(0)
})

test('a run that was never recorded cannot be audited', async () => {
  const { exitCode, progress } = await run('audit never', '')
  expect(exitCode).toBe(2)
  expect(progress).toContain('There is no record of run never')
})

test('a threshold on what nobody measures is told before anything is sent', async () => {
  await using one = await fakeProducer({ name: 'one', committed: new Map() })
  const { exitCode, progress } = await run('quick --threshold lost==0 --threshold speed>5', one.url)
  expect(exitCode).toBe(2)
  expect(progress).toMatch(/^--threshold speed>5: speed is no metric\. Known: .*\(--help shows all options\)\n$/)
  expect(one.received).toHaveLength(0)
})

test.each(['json', 'html'])(
  'a file for --%s that cannot be written is told before anything is sent',
  async (option) => {
    await using one = await fakeProducer({ name: 'one', committed: new Map() })
    const file = `${root}/nowhere/report`
    const command = option === 'json' ? `quick --html ${root}/x.html` : `quick --html ${file}`
    const around = { root, databaseUrl, producers: one.url, signal }
    const { exitCode, progress } = await loadtest(command, { ...around, ...(option === 'json' && { json: file }) })
    expect(exitCode).toBe(2)
    expect(progress).toContain(`--${option} ${file}: the report can't be written there (ENOENT`)
    expect(one.received).toHaveLength(0)
  },
)

test('a wrong option is exit code 2', async () => {
  const { exitCode, progress } = await run('quick --messages none', '')
  expect(exitCode).toBe(2)
  expect(progress).toContain('--messages none: give a whole number')
})
