import { open, writeFile } from 'node:fs/promises'
import { UsageError } from '../command-line/usage-error.ts'
import type { Report } from './report.ts'

/**
 * Finds out before the run whether the report can be written after it.
 * @throws {UsageError}
 */
export async function expectWritable(file: string | undefined): Promise<void> {
  if (file === undefined) return
  try {
    const handle = await open(file, 'a')
    await handle.close()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`--json ${file}: the report can't be written there (${reason}).`, { cause: error })
  }
}

/** Writes the report; does nothing without a file. */
export async function writeJson(file: string | undefined, report: Report): Promise<void> {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
}
