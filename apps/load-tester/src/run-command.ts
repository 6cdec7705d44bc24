import { LedgerUnavailableError } from './audit/ledger-reader.ts'
import { auditAgain } from './audit-again.ts'
import { helpText } from './command-line/help-text.ts'
import { type Command, parseCommandLine } from './command-line/parse-command-line.ts'
import { UsageError } from './command-line/usage-error.ts'
import { ReportFileError } from './compare/read-report.ts'
import { runCompare } from './compare/run-compare.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { RunRecordError } from './record/run-record.ts'
import type { Report } from './report/report.ts'
import { runDemo } from './run-demo.ts'
import { NothingToSendToError, runLoadTest } from './run-load-test.ts'
import { runSaturation } from './saturation/run-saturation.ts'
import type { Tester } from './tester.ts'

/** Does what the command line says. @returns the exit code */
export async function runCommand(args: readonly string[], tester: Tester): Promise<number> {
  try {
    return exitCodeOf(await carryOut(parseCommandLine(args), tester))
  } catch (error) {
    return explain(error, tester)
  }
}

async function carryOut(command: Command, tester: Tester): Promise<Pick<Report, 'verdict'>[]> {
  switch (command.kind) {
    case 'help':
      tester.stdout.write(helpText())
      return []
    case 'audit':
      return [await auditAgain(tester, command.runId, command.settings)]
    case 'compare':
      await runCompare(tester, command.files)
      return []
    case 'demo':
      return await runDemo(tester, command)
    case 'saturation':
      return [await runSaturation(tester, command)]
    case 'run':
      return [await runLoadTest(tester, command)]
  }
}

/** One clear message for what can be expected to go wrong; the whole error for the rest. */
function explain(error: unknown, { stderr, signal }: Tester): number {
  const say = (text: string) => stderr.write(`${text}\n`)
  if (error instanceof UsageError || error instanceof RunRecordError || error instanceof ReportFileError) {
    say(`${error.message}${error instanceof UsageError ? ' (--help shows all options)' : ''}`)
    return exitCodes.usage
  }
  if (error instanceof NothingToSendToError) {
    say(error.message)
    return exitCodes.nothingToSendTo
  }
  if (error instanceof LedgerUnavailableError) {
    say(
      `Nothing was sent, since it could not be audited: ${error.message}.\nStart the system, or name its database with --database-url.`,
    )
    return exitCodes.nothingToSendTo
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return signal.aborted ? exitCodes.interrupted : exitCodes.failed
}
