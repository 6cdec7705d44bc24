import type { Looks, Paint } from './report/report-text.ts'
import type { TerminalOutput } from './watch/terminal-output.ts'

/** What the tester runs in; handed down from `main`. */
export type Tester = {
  /** The project's folder: it holds `.loadtest` and, while the system runs, `.outbox/system.json`. */
  root: string
  env: { DATABASE_URL?: string | undefined; PRODUCER_URLS?: string | undefined; DOCKER_HOST?: string | undefined }
  /** Takes the report. */
  stdout: { write(text: string): unknown; columns?: number }
  /** Takes the progress. */
  stderr: TerminalOutput
  /** For standard output, and for standard error. */
  paint: Paint
  progressPaint: Paint
  /** Aborts on the first Ctrl-C: what is in hand is finished and reported. */
  signal: AbortSignal
}

/** Where there is no terminal to measure. */
const defaultWidth = 100
/** Longer lines are hard to read. */
const widest = 120

/** How texts are to look on the tester's standard output. */
export function looksOf({ stdout, paint }: Tester): Looks {
  return { width: Math.min(stdout.columns ?? defaultWidth, widest), paint }
}
