import { SettingsError } from './read-settings.ts'
import { StartupError } from './startup-error.ts'

/**
 * What an app's exit code tells its supervisor.
 * @see sysexits.h: EX_UNAVAILABLE, EX_SOFTWARE, EX_CONFIG
 */
export const ExitCode = {
  /** Stopped because it was asked to, with the work in hand finished. */
  stopped: 0,
  /** Failed while running; starting again may help. */
  failed: 1,
  /** Something it needs to start isn't to be had, a port or the database; starting again later may help. */
  unavailable: 69,
  /** Was asked to stop and didn't within STOP_TIMEOUT_MS. */
  stopOverdue: 70,
  /** A setting, a password, a missing privilege, a schema newer than the code: only an operator can help. */
  configuration: 78,
} as const

/**
 * The exit code for what ended an app. An error of any package may say by `operatorNeeded` that starting again changes
 * nothing until an operator has changed something.
 */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof Error)) return ExitCode.failed
  if (error instanceof SettingsError || isSchemaError(error)) return ExitCode.configuration
  if ('operatorNeeded' in error && error.operatorNeeded === true) return ExitCode.configuration
  return error instanceof StartupError ? ExitCode.unavailable : ExitCode.failed
}

function isSchemaError(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('OUTBOX_SCHEMA_')
}
