import type { Layout } from '@outbox/service/text-layout'
import type { Command } from 'commander'
import { answer } from './answer.ts'
import { examine } from './doctor/examine.ts'
import type { Finding } from './doctor/finding.ts'
import { exitCodes } from './exit-codes.ts'
import { findSystem, withBrokers } from './find-system.ts'
import { type Operator, OperatorError } from './operator.ts'
import { plain } from './show.ts'
import { withDatabase } from './with-database.ts'

/** `outbox doctor`: looks for what is wrong, or will be, and says what to do. */
export function addDoctorCommand(program: Command, operator: Operator): void {
  withBrokers(program.command('doctor'))
    .description(
      'looks for what is wrong with database, log and Kafka, and says the remedy; exit code 1 if anything is',
    )
    .action(async (_, command: Command) => {
      const system = findSystem(command, operator)
      const findings = await withDatabase(command, operator, (db) => examine(db, system))
      const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
      const counts = { ok: count('ok'), warning: count('warning'), wrong: count('wrong') }
      answer(command, operator, {
        value: { ...counts, findings },
        text: (layout) => [
          ...findings.flatMap((finding) => linesOf(finding, layout)),
          '',
          `${counts.ok} ok, ${counts.warning} warnings, ${counts.wrong} wrong`,
        ],
      })
      if (counts.wrong > 0) throw new OperatorError('something is wrong', exitCodes.failed)
    })
}

const levelWidth = 9

/** `warning  what was found. Remedy: what to do`, wrapped behind the level. */
function linesOf(finding: Finding, layout: Layout): string[] {
  const remedy = finding.level === 'ok' ? '' : `. Remedy: ${finding.remedy}`
  const [first = '', ...rest] = layout.text(plain(`${finding.found}${remedy}`), levelWidth)
  return [`${finding.level.padEnd(levelWidth)}${first.slice(levelWidth)}`, ...rest]
}
