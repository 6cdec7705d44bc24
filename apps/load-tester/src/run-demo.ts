import { readRunningSystem } from '@outbox/service/running-system'
import type { Settings } from './command-line/read-options.ts'
import type { RunOptions } from './command-line/run-options.ts'
import { demoText } from './demo-text.ts'
import type { Report } from './report/report.ts'
import { runLoadTest } from './run-load-test.ts'
import { looksOf, type Tester } from './tester.ts'

/** The two runs of the demo. */
export type Demo = { quick: RunOptions; medium: RunOptions; settings: Settings }

/** Explains, runs quick and then medium, and says where to look and how to go on. @returns the reports */
export async function runDemo(tester: Tester, { quick, medium, settings }: Demo): Promise<Report[]> {
  const text = demoText(readRunningSystem(tester.root)?.apps ?? [], looksOf(tester))
  tester.stdout.write(text.before)
  const reports = [await runLoadTest(tester, { scenario: 'quick', options: quick, settings })]
  if (tester.signal.aborted) return reports
  tester.stdout.write(text.between)
  reports.push(await runLoadTest(tester, { scenario: 'medium', options: medium, settings }))
  tester.stdout.write(text.after)
  return reports
}
