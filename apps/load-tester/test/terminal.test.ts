import { execFile, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { skipBecause } from '@outbox/local-stack/skip-because'
import { expect, type TestContext, test } from 'vitest'
import { fakeSystem } from './fake-system.ts'

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const records = fileURLToPath(new URL('../../../.loadtest/', import.meta.url))
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') === true
const colour = `${String.fromCharCode(27)}[3`

/** What a quick run says on a terminal of so many columns. */
async function onTerminal(columns: number, env: Record<string, string>): Promise<string> {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  const runId = `terminal-${randomUUID()}`
  const command = `stty cols ${columns}; exec '${process.execPath}' '${program}' quick --run-id ${runId} --progress none`
  try {
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env.PATH, TERM: 'xterm', DATABASE_URL: system.url, PRODUCER_URLS: one.url, ...env },
    })
    return stdout.replaceAll('\r', '')
  } finally {
    await rm(`${records}${runId}`, { recursive: true, force: true })
  }
}

function needScript(context: TestContext): void {
  if (!hasScript) skipBecause(context, "needs util-linux's script, which gives a command a terminal")
}

test('on a terminal of 20 columns no line is longer, and the verdict is coloured', async (context) => {
  needScript(context)
  const said = await onTerminal(20, {})
  expect(said).toContain('PASSED')
  expect(said).toContain(colour)
  for (const line of stripVTControlCharacters(said).split('\n')) expect(line.length).toBeLessThanOrEqual(20)
})

test('with NO_COLOR nothing is coloured on a terminal either', async (context) => {
  needScript(context)
  const said = await onTerminal(80, { NO_COLOR: '1' })
  expect(said).toContain('PASSED')
  expect(said).not.toContain(colour)
})
