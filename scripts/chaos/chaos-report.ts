import { createLayout } from '@outbox/service/text-layout'
import { median } from '../bench/measured.ts'
import type { Ledgers } from './compare-ledgers.ts'
import type { InflictedFault } from './inflict-faults.ts'
import type { ChaosResult } from './run-chaos.ts'
import { seconds } from './seconds.ts'

const WIDTH = 120

/** The result of a run as text: a line a fault, the four ledgers, the memory. */
export function chaosReport(result: ChaosResult): string {
  return [
    'Faults',
    ...faultLines(result),
    '',
    'Ledgers',
    ...ledgerLines(result),
    '',
    'Peak memory',
    ...createLayout(WIDTH).pairs(
      [...result.peakMemory].map(([name, megabytes]) => [name, `${Math.round(megabytes)} MB`]),
    ),
  ].join('\n')
}

function faultLines({ inflicted, ledgers }: ChaosResult): string[] {
  const duplicates = duplicatesOf(inflicted, ledgers)
  const rows = [...Map.groupBy(inflicted, ({ step }) => step.fault)].map(([fault, all]) => {
    const recoveries = all.map(({ recoveryMs }) => recoveryMs ?? Number.POSITIVE_INFINITY)
    const held = all.every(({ recoveryMs, problem }) => recoveryMs !== undefined && problem === undefined)
    return [
      `${fault.name} (${fault.numbers.join(', ')})`,
      String(all.length),
      seconds(median(recoveries)),
      seconds(Math.max(...recoveries)),
      String(all.reduce((sum, one) => sum + (duplicates.get(one) ?? 0), 0)),
      held ? 'held' : 'failed',
    ]
  })
  return createLayout(WIDTH).table(['', 'times', 'recovery', 'slowest', 'duplicates', 'verdict'], rows)
}

/** Repeated messages in the topics, by the fault from whose start to the next one's they were published. */
function duplicatesOf(inflicted: readonly InflictedFault[], { topics }: Ledgers): Map<InflictedFault, number> {
  const counts = new Map<InflictedFault, number>()
  for (const atMs of topics.flatMap(({ duplicatesAtMs }) => duplicatesAtMs)) {
    const fault = inflicted.findLast(({ startedAtMs }) => startedAtMs <= atMs)
    if (fault !== undefined) counts.set(fault, (counts.get(fault) ?? 0) + 1)
  }
  return counts
}

function ledgerLines({ ledgers, droppedPartitions }: ChaosResult): string[] {
  const { loads, rows, poison, topics } = ledgers
  const count = (messages: number) => messages.toLocaleString('en')
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  const answered = (outcome: 'sent' | 'failed' | 'unknown') =>
    sum(loads.map(({ audit }) => audit?.totals[outcome] ?? 0))
  const groups = Map.groupBy(
    loads.flatMap(({ audit }) => audit?.groups ?? []),
    ({ name }) => name,
  )
  const effects = [...groups].map(([name, parts]) => `${name} ${count(sum(parts.map(({ received }) => received)))}`)
  const appearances = sum(topics.map(({ appearances }) => appearances))
  const duplicates = sum(topics.map(({ duplicatesAtMs }) => duplicatesAtMs.length))
  return createLayout(WIDTH).pairs([
    ['Answered 202', `${count(answered('sent'))}; ${answered('failed')} refused, ${answered('unknown')} never settled`],
    ['Outbox', `${count(rows.size)} rows, ${droppedPartitions} partitions dropped, ${poison.size} that Kafka refused`],
    ['Topics', `${count(appearances)} messages, ${count(duplicates)} of them repeated`],
    ['Effects', effects.join(', ')],
  ])
}
