import type { OpenTransaction } from '@outbox/outbox/open-transactions'
import type { TickRate } from '@outbox/outbox/read-tick-rate'
import type { Layout } from '@outbox/service/text-layout'
import type { Status } from './read-status.ts'
import { bytes, plain, seconds } from './show.ts'

/** The status as lines of text. */
export function statusText(status: Status, layout: Layout): string[] {
  return [
    `Outbox ${status.log}`,
    ...layout.pairs(facts(status)),
    '',
    'Relays',
    ...relayLines(status, layout),
    '',
    'Consumer groups',
    ...groupLines(status, layout),
  ]
}

function facts({ lag, ticks, size, unowned, paused, ...status }: Status): [string, string][] {
  const { oldestTransaction, deadLetters, ambiguous } = status
  const first = size.oldestSeconds === 0 ? 'no message' : `the oldest message ${seconds(size.oldestSeconds)} old`
  const oldest = `the oldest ${seconds(lag.oldestSeconds)} old`
  return [
    ['Unpublished', lag.messages === 0n ? 'nothing' : `${lag.messages.toLocaleString('en')} at most, ${oldest}`],
    ['Ticks', tickText(ticks)],
    ['Size', `${size.partitions} partitions, ${bytes(size.bytes)}, ${first}`],
    ['Shards without a relay', unowned.length === 0 ? 'none' : `${unowned.join(', ')}: start a relay`],
    ['Paused shards', paused.length === 0 ? 'none' : `${paused.join(', ')}: resume lets them go on`],
    ['Oldest transaction', oldestTransaction === undefined ? 'none' : transactionText(oldestTransaction)],
    ['Dead letters', deadLetters === 0 ? 'none' : `${deadLetters}, of which ${ambiguous} may be in the topic already`],
  ]
}

const shortestSpan = 0.5

/** Over the time that is left of those that are swept; what that is too short for stays unsaid. */
function tickText({ ticks, seconds: span }: TickRate): string {
  if (span < shortestSpan) return 'all of the last moments are swept; look again'
  if (ticks === 0) return `none in the last ${seconds(span)}`
  const rate = ticks / span
  return `${rate.toFixed(rate < 10 ? 1 : 0)} a second in the last ${seconds(span)}`
}

/** `12 s old, pid 4711 (billing), idle in transaction`, or `… prepared as "payment-7"`. */
export function transactionText({ pid, gid, application, seconds: age, state }: OpenTransaction): string {
  if (gid !== null) return `${seconds(age)} old, prepared as "${plain(gid)}"`
  return `${seconds(age)} old, pid ${pid}${application ? ` (${plain(application)})` : ''}, ${state}`
}

function relayLines({ relays }: Status, layout: Layout): string[] {
  if (relays.length === 0) return ['  none']
  const rows = relays.map(({ instance, shards, leaseSeconds, breaker }) => [
    instance,
    `${shards.length}`,
    seconds(leaseSeconds),
    plain(breaker ?? '-'),
  ])
  return layout.table(['', 'shards', 'lease', 'breaker'], rows)
}

function groupLines({ groups, kafka }: Status, layout: Layout): string[] {
  if (groups.length === 0) return ['  none']
  const rows = groups.map(({ group, lag, deadLetters }) => [
    group,
    lag === null ? 'unknown' : lag.toLocaleString('en'),
    `${deadLetters}`,
  ])
  return [
    ...layout.table(['', 'not applied yet', 'dead letters'], rows),
    ...(kafka === null ? [] : layout.text(plain(kafka))),
  ]
}
