import { mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from '../../src/run-command.ts'
import { testerIn } from '../fake-system.ts'
import { steadyReport } from './steady-report.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compare-'))
})
afterAll(() => rm(folder, { recursive: true }))

const before = { ...steadyReport({ perSecond: 2_000, seed: 1 }), runId: 'before' }
const slower = steadyReport({ perSecond: 1_000, seed: 2, slower: 2 })
const after = { ...slower, runId: 'after', verdict: 'failed' as const, options: { ...slower.options, batchSize: 500 } }

async function fileOf(name: string, content: unknown): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

async function compare(...args: string[]): Promise<{ exitCode: number; printed: string; progress: string }> {
  const { signal } = new AbortController()
  const { tester, said } = testerIn({ root: folder, databaseUrl: '', producers: '', signal })
  const exitCode = await runCommand(['compare', ...args], tester)
  return { exitCode, ...said }
}

test('different options come first, then each figure with its noise; the exit code is 0 also where it is worse', async () => {
  const { exitCode, printed } = await compare(await fileOf('a.json', before), await fileOf('b.json', after))
  expect(exitCode).toBe(0)
  expect(printed).toMatchInlineSnapshot(`
    "Runs
      A  before  2026-12-01T10:15:00.000Z  threshold-missed
      B  after   2026-12-01T10:15:00.000Z  failed

    Different options
      batchSize  100 → 500

    From A to B
                              A         B  difference   noise
      throughput       1,996 /s  1,001 /s     -49.8 %  ±1.0 %         worse
      successRate         100 %     100 %       0.0 %  ±0.0 %  within noise
      accept.p50       2.019 ms  3.928 ms     +94.5 %  ±1.9 %         worse
      accept.p99       17.71 ms  36.06 ms    +103.6 %  ±2.0 %         worse
      publish.p50      5.071 ms  10.04 ms     +97.9 %  ±2.0 %         worse
      publish.p99      45.34 ms  88.57 ms     +95.4 %  ±2.0 %         worse
      endToEnd.p50     20.06 ms  39.44 ms     +96.6 %  ±2.0 %         worse
      endToEnd.p99     180.6 ms  364.4 ms    +101.8 %  ±2.0 %         worse
      cpuUsPerMessage  150.3 µs  149.9 µs      -0.3 %  ±1.0 %  within noise
      noise: how far the figures of two runs that are alike differ, in 99 of 100 cases, by what each of
      them varied over its own time; at least 1 %. It knows nothing of what changes between runs, such
      as a colder cache or a busier machine: compare several.
    "
  `)
})

test('two runs of the same options', async () => {
  const file = await fileOf('a.json', before)
  const { exitCode, printed } = await compare(file, file)
  expect(exitCode).toBe(0)
  expect(printed).toContain('Different options\n  none\n')
  expect(printed.match(/within noise$/gm)).toHaveLength(9)
})

test.each([
  ['missing.json', undefined, /missing\.json can't be read \(ENOENT.*\): give a file that loadtest --json FILE/],
  ['empty.json', '', /empty\.json is no report \(it is empty: its run did not come to an end\): give/],
  ['torn.json', '{"runId": "x', /torn\.json is no report \(it is not JSON\): give/],
  ['other.json', '[]', /other\.json is no report \(the whole must be object\): give/],
  [
    'partial.json',
    { ...before, totals: {} },
    /partial\.json is no report \(\/totals must have required properties .*\): give/,
  ],
  ['wrong.json', { ...before, verdict: 'good' }, /wrong\.json is no report \(\/verdict must be .*\): give/],
])('%s is refused: which file, what is wrong with it, and what to do', async (name, content, message) => {
  const wrong = content === undefined ? join(folder, name) : await fileOf(name, content)
  const right = await fileOf('a.json', before)
  for (const files of [
    [wrong, right],
    [right, wrong],
  ]) {
    const { exitCode, printed, progress } = await compare(...files)
    expect(exitCode).toBe(2)
    expect(printed).toBe('')
    expect(progress).toMatch(message)
  }
})
