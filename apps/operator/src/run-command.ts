import { Command, CommanderError } from 'commander'
import { addAdoptCommand } from './adopt-command.ts'
import { addDeadLetterCommands } from './dead-letter-commands.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { exitCodes } from './exit-codes.ts'
import { addFindCommand } from './find-command.ts'
import { addMigrateCommand } from './migrate-command.ts'
import { type Operator, OperatorError } from './operator.ts'
import { addPauseCommands } from './pause-commands.ts'
import { addReplayCommand } from './replay-command.ts'
import { addStatusCommand } from './status-command.ts'
import { addWatchCommand } from './watch-command.ts'

/** Does what the command line says. @returns the exit code */
export async function runCommand(args: readonly string[], operator: Operator): Promise<number> {
  const { stdout, stderr } = operator
  const program = new Command('outbox')
    .description('Looks after the outbox: what it does, and the messages that Kafka or a handler refused.')
    .option('--database-url <url>', "the outbox's database (default: DATABASE_URL, else what npm start runs)")
    .option('--json', 'JSON on standard output')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError('(--help shows all commands and options)')
  addStatusCommand(program, operator)
  addWatchCommand(program, operator)
  addDeadLetterCommands(program, operator)
  addReplayCommand(program, operator)
  addAdoptCommand(program, operator)
  addFindCommand(program, operator)
  addDoctorCommand(program, operator)
  addPauseCommands(program, operator)
  addMigrateCommand(program, operator)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodes.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    if (error instanceof OperatorError) {
      stderr.write(`outbox: ${error.message}\n`)
      return error.exitCode
    }
    stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return exitCodes.failed
  }
}
