import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTestResults } from '../../../scripts/test-results.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('results are summed up; what failed, was skipped or said nothing is named', async () => {
  await using folder = await temporaryFolder()
  const report = (...testResults: unknown[]) => JSON.stringify({ testResults })
  const file = (status: string, ...tests: [string, string, string?][]) => ({
    name: '/x/test/a.test.ts',
    status,
    message: tests.length > 0 ? '' : 'SyntaxError: unexpected token\n    at a.test.ts:1:1',
    assertionResults: tests.map(([fullName, status, message]) => ({
      fullName,
      status,
      failureMessages: status === 'failed' && message ? [message] : [],
      meta: status === 'pending' ? { skipped: message } : {},
    })),
  })
  const thrown = 'Error: relay-1 does not run; the end of its log:\nno disk\n    at a.test.ts:3:4\n    at b.ts:5:6'
  await writeFile(join(folder.path, 'outbox.json'), report(file('passed', ['one', 'passed'], ['two', 'passed'])))
  await writeFile(
    join(folder.path, 'kafka.json'),
    report(file('failed', ['three', 'failed', thrown], ['four', 'pending', 'there is no moon'])),
  )
  await writeFile(join(folder.path, 'relay.json'), report(file('failed')))
  await writeFile(join(folder.path, 'ledger.json'), report())
  const packages = ['packages/outbox', 'packages/kafka', 'apps/relay', 'packages/ledger', 'apps/producer']
  expect(await readTestResults({ folder: folder.path, packages, exitCode: 1 })).toEqual({
    counts: { passed: 2, failed: 4, skipped: 1 },
    remarks: [
      'failed: packages/kafka: three: Error: relay-1 does not run; the end of its log: no disk',
      'skipped: packages/kafka: four: there is no moon',
      'failed: apps/relay: a.test.ts could not be run: SyntaxError: unexpected token',
      'failed: packages/ledger: no tests',
      'failed: apps/producer: no results',
    ],
  })
})

test('an error outside of any test is a failure', async () => {
  await using folder = await temporaryFolder()
  const passed = {
    name: '/x/test/a.test.ts',
    status: 'passed',
    assertionResults: [{ fullName: 'one', status: 'passed' }],
  }
  await writeFile(join(folder.path, 'outbox.json'), JSON.stringify({ testResults: [passed] }))
  const from = { folder: folder.path, packages: ['packages/outbox'] }
  expect((await readTestResults({ ...from, exitCode: 0 })).counts).toEqual({ passed: 1, failed: 0, skipped: 0 })
  expect(await readTestResults({ ...from, exitCode: 1 })).toEqual({
    counts: { passed: 1, failed: 1, skipped: 0 },
    remarks: ['failed: an error outside of any test; see above'],
  })
})
