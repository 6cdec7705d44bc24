import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseCommandLine } from '../src/command-line/parse-command-line.ts'
import { writeCommandLine } from '../src/command-line/write-command-line.ts'
import { fullReport } from './full-report.ts'

test('the command line of a report asks for the same run', () => {
  const report = fullReport()
  const line = writeCommandLine(report)
  expect(line).toMatch(/^npm run loadtest -- large --messages 120200 --rate 2400 --batch-size 100 /)
  const args = asShellReads(line.replace('npm run loadtest --', ''))
  expect(parseCommandLine(args)).toMatchObject({
    kind: 'run',
    scenario: report.scenario,
    options: report.options,
    settings: {
      faults: [{ written: 'kill:relay@14s' }, { written: 'pause:producer-2@40s+2s' }],
      thresholds: [{ expression: 'lost==0' }, { expression: 'endToEnd.p99<200' }],
    },
  })
})

test('what a shell would take for its own is quoted', () => {
  const topic = `it's $HOME; "x" > y`
  const report = { ...fullReport(), options: { ...fullReport().options, topic } }
  expect(asShellReads(writeCommandLine(report))).toContain(topic)
})

test.each([
  '--duration 30 --warm-up 5',
  '--rate 70 --messages 1000 --key-skew 0.99',
  '--stages 10s:1000,2m:1000-5000 --payload-bytes 64-128',
])('a run by %s is asked for as it was', (words) => {
  const command = parseCommandLine(['medium', ...words.split(' ')])
  if (command.kind !== 'run') throw new Error('it is a run')
  const line = writeCommandLine({
    ...fullReport(),
    scenario: 'medium',
    options: command.options,
    faults: [],
    thresholds: [],
  })
  expect(parseCommandLine(asShellReads(line.replace('npm run loadtest --', '')))).toEqual(command)
})

function asShellReads(words: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${words}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
}
