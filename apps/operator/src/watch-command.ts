import { setTimeout as sleep } from 'node:timers/promises'
import { createLayout, fit } from '@outbox/service/text-layout'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { jsonLine } from './answer.ts'
import { exitCodes } from './exit-codes.ts'
import { findSystem, type SystemAddresses, withBrokers, withRelays } from './find-system.ts'
import { type Operator, OperatorError } from './operator.ts'
import { readStatus, type Status } from './read-status.ts'
import { createScreen } from './screen.ts'
import { statusText } from './status-text.ts'
import { withDatabase } from './with-database.ts'

const defaultWidth = 100

/** A status, or why there is none at the moment. */
type Look = { at: Date } & ({ status: Status } | { error: string })

/** `outbox watch`: the status, again and again until Ctrl-C; a database that goes away is said, and asked again. */
export function addWatchCommand(program: Command, operator: Operator): void {
  withRelays(withBrokers(program.command('watch')))
    .description('the status, live, until Ctrl-C; with --json one document a line')
    .addOption(new Option('--every <s>', 'seconds between two looks').default(2).argParser(toSeconds))
    .action(async ({ every }: { every: number }, command: Command) => {
      const system = findSystem(command, operator)
      const signal = operator.interrupt({ silently: true })
      using shown = show(command, operator, every)
      while (!signal.aborted) {
        shown.add(await look(command, operator, system))
        await sleep(every * 1_000, undefined, { signal }).catch(() => {})
      }
    })
}

async function look(command: Command, operator: Operator, system: SystemAddresses): Promise<Look> {
  const at = new Date()
  try {
    return { at, status: await withDatabase(command, operator, (db) => readStatus(db, system)) }
  } catch (error) {
    if (!(error instanceof OperatorError) || error.exitCode === exitCodes.usage) throw error
    return { at, error: error.message }
  }
}

/** As one line of JSON a look, as a screen of a terminal, or as blocks of text one below the other. */
function show(command: Command, { stdout }: Operator, every: number): Disposable & { add(look: Look): void } {
  if (command.optsWithGlobals().json === true) {
    return { add: (look) => stdout.write(`${jsonLine(look)}\n`), [Symbol.dispose]: () => {} }
  }
  if (!stdout.isTTY) {
    const add = (look: Look) => stdout.write(`${textOf(look, stdout.columns).join('\n')}\n\n`)
    return { add, [Symbol.dispose]: () => {} }
  }
  const screen = createScreen(stdout)
  const hint = `every ${every} s; Ctrl-C ends`
  return {
    add: (look) => screen.draw([...textOf(look, stdout.columns), '', fit(hint, stdout.columns ?? defaultWidth)]),
    [Symbol.dispose]: () => screen.leave(),
  }
}

function textOf(look: Look, columns = defaultWidth): string[] {
  const layout = createLayout(columns)
  const time = `${look.at.toISOString().slice(0, 19)}Z`
  return [time, ...('error' in look ? layout.text(look.error, 0) : statusText(look.status, layout))]
}

function toSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text) || seconds < 0.1 || seconds > 3_600) {
    throw new InvalidArgumentError('Write 0.1 to 3600.')
  }
  return seconds
}
