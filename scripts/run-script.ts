import { LocalStackError } from '@outbox/local-stack/local-stack-error'
import { StoppedError, stopSignal } from './stop-signal.ts'
import { UsageError } from './usage-error.ts'

export type Script = {
  /** Prints a line on standard error, where progress belongs. */
  report: (line: string) => void
  signal: AbortSignal
}

const EXIT_FAILED = 1
const EXIT_USAGE = 2
// EX_UNAVAILABLE of sysexits.h.
const EXIT_UNAVAILABLE = 69
// What a shell makes of Ctrl-C.
const EXIT_INTERRUPTED = 130

/**
 * The life of a script: ends the process with the exit code that `run` resolves with; with 2 and one clear message when
 * the command line is wrong; with 69 and one when the machine lacks something or a port is taken; with 130 when stopped
 * before the system was up; with 1 and the stack on any other failure.
 */
export async function runScript(run: (script: Script) => Promise<number>): Promise<never> {
  const report = (line: string) => void process.stderr.write(`${line}\n`)
  try {
    process.exit(await run({ report, signal: stopSignal() }))
  } catch (error) {
    if (error instanceof StoppedError) process.exit(EXIT_INTERRUPTED)
    if (error instanceof UsageError) {
      report(error.message)
      process.exit(EXIT_USAGE)
    }
    if (error instanceof LocalStackError) {
      report(error.message)
      process.exit(EXIT_UNAVAILABLE)
    }
    report(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exit(EXIT_FAILED)
  }
}
