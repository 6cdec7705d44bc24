import { readFile } from 'node:fs/promises'
import { Value } from 'typebox/value'
import { Report } from '../report/report.ts'

/** A file is no report; the message says what is wrong with it, and what to do. */
export class ReportFileError extends Error {
  readonly code = 'OUTBOX_LOADTEST_REPORT_FILE'
  override name = 'ReportFileError'
}

const remedy = 'give a file that loadtest --json FILE of this version has written'

/** @throws {ReportFileError} when it isn't there, or isn't a report */
export async function readReport(file: string): Promise<Report> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ReportFileError(`${file} can't be read (${error.message}): ${remedy}.`, { cause: error })
  })
  const report = parse(file, text)
  if (Value.Check(Report, report)) return report
  const [first] = Value.Errors(Report, report)
  throw new ReportFileError(
    `${file} is no report (${first?.instancePath || 'the whole'} ${first?.message}): ${remedy}.`,
  )
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = text === '' ? 'it is empty: its run did not come to an end' : 'it is not JSON'
    throw new ReportFileError(`${file} is no report (${reason}): ${remedy}.`, { cause: error })
  }
}
