import { open, writeFile } from 'node:fs/promises'
import { UsageError } from '../command-line/usage-error.ts'
import type { Report } from './report.ts'

/** Where a report is to be written besides the terminal. */
export type ReportFiles = { json: string | undefined; html: string | undefined }

/** Writes the report; does nothing without a file. */
export async function writeFiles({ json, html }: ReportFiles, report: Report): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`)
  if (html === undefined) return
  // What draws takes a second to load, and memory that a run without a page does without.
  const { htmlPage } = await import('./html/page.ts')
  await writeFile(html, htmlPage(report))
}

/**
 * Finds out before the run whether the report can be written after it.
 * @throws {UsageError} that names the option
 */
export async function expectWritable({ json, html }: ReportFiles): Promise<void> {
  for (const [option, file] of Object.entries({ json, html })) {
    if (file === undefined) continue
    try {
      const handle = await open(file, 'a')
      await handle.close()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new UsageError(`--${option} ${file}: the report can't be written there (${reason}).`, { cause: error })
    }
  }
}
