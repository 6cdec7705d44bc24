import { join } from 'node:path'
import { styleText } from 'node:util'
import { interruptSignal } from '@outbox/service/interrupt-signal'
import { runCommand } from './run-command.ts'

const { stdout, stderr, env, argv } = process

// A reader that is gone, as with `| head`, is no reason to stop: the audit goes on, and the exit code counts.
stdout.on('error', () => {})
stderr.on('error', () => {})

process.exitCode = await runCommand(argv.slice(2), {
  root: join(import.meta.dirname, '..', '..', '..'),
  env,
  stdout,
  stderr,
  paint: (format, text) => styleText(format, text, { stream: stdout }),
  progressPaint: (format, text) => styleText(format, text, { stream: stderr }),
  // Whoever shows the progress says it, where it doesn't get in the way.
  signal: interruptSignal(process, { note: '' }),
})
