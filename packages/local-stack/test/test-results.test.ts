import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTestResults } from '../../../scripts/test-results.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('results are summed up; what failed, was skipped or said nothing is named', async () => {
  await using folder = await temporaryFolder()
  const report = (...testResults: unknown[]) => JSON.stringify({ testResults })
  const file = (status: string, ...tests: [string, string][]) => ({
    name: '/x/test/a.test.ts',
    status,
    assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
  })
  await writeFile(join(folder.path, 'outbox.json'), report(file('passed', ['one', 'passed'], ['two', 'passed'])))
  await writeFile(join(folder.path, 'kafka.json'), report(file('failed', ['three', 'failed'], ['four', 'pending'])))
  await writeFile(join(folder.path, 'relay.json'), report(file('failed')))
  await writeFile(join(folder.path, 'ledger.json'), report())
  const packages = ['packages/outbox', 'packages/kafka', 'apps/relay', 'packages/ledger', 'apps/producer']
  expect(await readTestResults({ folder: folder.path, packages, exitCode: 1 })).toEqual({
    counts: { passed: 2, failed: 4, skipped: 1 },
    remarks: [
      'failed: packages/kafka: three',
      'skipped: packages/kafka: four',
      'failed: apps/relay: a.test.ts could not be run',
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
