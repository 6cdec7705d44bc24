import { join } from 'node:path'
import { interruptSignal } from '@outbox/service/interrupt-signal'
import { runCommand } from './run-command.ts'

const { stdin, stdout, stderr, env, argv } = process

// A reader that is gone, as with `| head`, is no error of ours, but nobody needs more.
const readerGone = new AbortController()
stdout.on('error', () => readerGone.abort())
stderr.on('error', () => {})

const root = join(import.meta.dirname, '..', '..', '..')
const interrupt = ({ silently = false } = {}) =>
  AbortSignal.any([interruptSignal(process, silently ? { note: '' } : {}), readerGone.signal])
process.exitCode = await runCommand(argv.slice(2), { root, env, stdin, stdout, stderr, interrupt })
