import type { Command } from 'commander'
import { answer } from './answer.ts'
import { findSystem, withBrokers, withRelays } from './find-system.ts'
import type { Operator } from './operator.ts'
import { readStatus } from './read-status.ts'
import { statusText } from './status-text.ts'
import { withDatabase } from './with-database.ts'

/** `outbox status`: what the outbox holds, who publishes it, and what holds it up. */
export function addStatusCommand(program: Command, operator: Operator): void {
  withRelays(withBrokers(program.command('status')))
    .description('what the outbox holds, who publishes it, and what holds it up')
    .action(async (_, command: Command) => {
      const system = findSystem(command, operator)
      const status = await withDatabase(command, operator, (db) => readStatus(db, system))
      answer(command, operator, { value: status, text: (layout) => statusText(status, layout) })
    })
}
