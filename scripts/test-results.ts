import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

export type Counts = { passed: number; failed: number; skipped: number }

/** The counts of all packages, and a line for each test that was skipped or failed, with why, and each package that said nothing. */
export type TestResults = { counts: Counts; remarks: string[] }

/** As Vitest's JSON reporter writes them. */
type VitestReport = {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages?: string[]; meta?: { skipped?: string } }[]
  }[]
}

/** Room for the last line of a log. */
const REMARK_CHARACTERS = 1_000

/**
 * Reads what each package's Vitest has reported. A test file that couldn't be run and a package that reported nothing
 * count as one failure each, and so does an error outside of any test: of it Vitest says nothing but its exit code.
 * @param from.packages their folders, relative to the project
 * @param from.exitCode how all of them together have ended
 */
export async function readTestResults(from: {
  folder: string
  packages: readonly string[]
  exitCode: number
}): Promise<TestResults> {
  const results: TestResults = { counts: { passed: 0, failed: 0, skipped: 0 }, remarks: [] }
  for (const path of from.packages) {
    const text = await readFile(join(from.folder, `${basename(path)}.json`), 'utf8').catch(() => undefined)
    if (text === undefined) fail(results, `${path}: no results`)
    else add(results, path, JSON.parse(text))
  }
  if (from.exitCode !== 0 && results.counts.failed === 0) fail(results, 'an error outside of any test; see above')
  return results
}

function add(results: TestResults, path: string, { testResults }: VitestReport): void {
  if (testResults.length === 0) fail(results, `${path}: no tests`)
  for (const file of testResults) {
    for (const { fullName, status, failureMessages, meta } of file.assertionResults) {
      if (status === 'passed') results.counts.passed++
      else if (status === 'failed') fail(results, `${path}: ${fullName}${because(failureMessages?.[0])}`)
      else skip(results, `${path}: ${fullName}${because(meta?.skipped)}`)
    }
    const anyFailed = file.assertionResults.some(({ status }) => status === 'failed')
    if (file.status === 'failed' && !anyFailed) {
      fail(results, `${path}: ${basename(file.name)} could not be run${because(file.message)}`)
    }
  }
}

/** What an error says, in one line, without its stack, which stands with the package's own output; or why a test was skipped. */
function because(message = ''): string {
  const [words = ''] = message.trim().split(/\n\s+at /, 1)
  const line = words.replaceAll(/\s*\n\s*/g, ' ')
  return line ? `: ${line.slice(0, REMARK_CHARACTERS)}` : ''
}

function fail({ counts, remarks }: TestResults, what: string): void {
  counts.failed++
  remarks.push(`failed: ${what}`)
}

function skip({ counts, remarks }: TestResults, what: string): void {
  counts.skipped++
  remarks.push(`skipped: ${what}`)
}
