import { looksOf, type Tester } from '../tester.ts'
import { compareReports } from './compare-reports.ts'
import { comparisonText } from './comparison-text.ts'
import { readReport } from './read-report.ts'

/**
 * Prints what differs between two reports.
 * @throws {ReportFileError} for a file that is none
 */
export async function runCompare(tester: Tester, files: { first: string; second: string }): Promise<void> {
  const [first, second] = [await readReport(files.first), await readReport(files.second)]
  const comparisons = compareReports(first, second)
  tester.stdout.write(comparisonText({ first, second, comparisons }, looksOf(tester)))
}
