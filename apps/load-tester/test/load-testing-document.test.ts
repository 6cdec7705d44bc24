import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { knownOptions } from '../src/command-line/known-options.ts'
import { parseCommandLine } from '../src/command-line/parse-command-line.ts'
import { metrics } from '../src/report/metrics.ts'
import { Verdict } from '../src/report/report.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const guide = read('docs/load-testing.md')
const section = (title: string) => guide.split('\n## ').find((part) => part.startsWith(`${title}\n`)) ?? ''

test('the command lines of docs/load-testing.md are made of options that exist', () => {
  const commands = guide.match(/npm run loadtest -- .*/g) ?? []
  const named = commands.flatMap((line) => [...line.matchAll(/--([a-z][a-z-]+)/g)].map(([, name]) => name))
  expect(named.length).toBeGreaterThan(5)
  for (const name of named) expect(Object.keys(knownOptions)).toContain(name)
})

test('docs/load-testing.md lists each metric, and no other', () => {
  const rows = section('Thresholds and CI').match(/^\| `.*$/gm) ?? []
  const documented = rows.flatMap((row) => {
    const [, names = '', help = ''] = row.split('|')
    const listed = [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    const statistics = [...help.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    return listed.flatMap((name) => (name.endsWith('.…') ? statistics.map((end) => name.replace('…', end)) : [name]))
  })
  expect(documented.sort()).toEqual([...metrics.keys()].sort())
})

test('docs/load-testing.md lists each verdict, and no other', () => {
  const documented = [...section('The report').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, verdict]) => verdict)
  expect(documented.sort()).toEqual([...Verdict.enum].sort())
})

test('the example for GitHub Actions runs a command line that is understood, and keeps what it writes', () => {
  const { jobs } = parse(read('docs/examples/load-test.yml'))
  const steps: { name?: string; run?: string; if?: string; uses?: string; with?: { path?: string } }[] =
    jobs['load-test'].steps
  const [, command = ''] = /^npm run demo -- (.+)$/.exec(steps.find(({ run }) => run !== undefined)?.run ?? '') ?? []
  expect(JSON.parse(read('package.json')).scripts).toHaveProperty('demo')
  const args = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
  expect(parseCommandLine(args)).toMatchObject({
    kind: 'run',
    scenario: 'large',
    settings: {
      thresholds: ['lost==0', 'successRate>=99.9', 'throughput>2000', 'endToEnd.p99<5000'].map((expression) => ({
        expression,
      })),
      json: 'load-test.json',
      html: 'load-test.html',
    },
  })
  const upload = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'))
  expect(upload).toMatchObject({ if: 'always()', with: { path: 'load-test.json\nload-test.html\n' } })
})
