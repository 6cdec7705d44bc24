import { pino } from 'pino'
import { expect, test } from 'vitest'
import { type Signs, Watchdogs } from '../src/watchdogs.ts'

const well: Signs = {
  lag: { messages: 0n, oldestSeconds: 0 },
  unowned: [],
  paused: [],
  stuckSeconds: 0,
  idsAhead: 20_000_000n,
  oldestTransaction: undefined,
  parked: { retry: 0, key: 0, operator: 0 },
}
const limits = { unpublishedSeconds: 60, transactionSeconds: 30, idsAhead: 1_000_000n, repeatMs: 60_000 }
const writer = { pid: 4711, gid: null, application: 'billing', seconds: 30, state: 'idle in transaction' }
const prepared = { pid: null, gid: 'tx-7', application: '', seconds: 31, state: 'prepared' }

function watched() {
  const lines: { level: number; watchdog: string; msg: string }[] = []
  const logger = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) })
  const dogs = new Watchdogs({ limits, logger })
  return { lines, look: (signs: Partial<Signs>, nowMs = 0) => dogs.look({ ...well, ...signs }, nowMs) }
}

test('where all is well nothing is said', () => {
  const { lines, look } = watched()
  look({})
  look({ parked: { retry: 3, key: 2, operator: 0 }, oldestTransaction: { ...writer, seconds: 29 } })
  expect(lines).toEqual([])
})

test.each<[string, Partial<Signs>, string[]]>([
  ['unpublished', { lag: { messages: 12n, oldestSeconds: 61 } }, ['61 s', '/health/ready']],
  ['stuck position', { stuckSeconds: 60 }, ['60 s', 'pnpm outbox status']],
  ['unowned shards', { unowned: [3, 4] }, ['3, 4', 'start a relay']],
  ['paused shards', { paused: [5] }, ['5', 'pnpm outbox resume']],
  ['partitions ahead', { idsAhead: 999_999n }, ['999999', 'pnpm outbox doctor']],
  ['open transaction', { oldestTransaction: writer }, ['pid 4711 (billing)', 'pg_terminate_backend(4711)']],
  ['open transaction', { oldestTransaction: prepared }, ['"tx-7"', "rollback prepared 'tx-7'"]],
  ['dead letters', { parked: { retry: 0, key: 0, operator: 1 } }, ['1 messages', 'pnpm outbox dead-letters list']],
])('%s: a line says what is wrong, and the remedy', (watchdog, signs, words) => {
  const { lines, look } = watched()
  look(signs)
  expect(lines).toMatchObject([{ level: 40, watchdog }])
  for (const word of words) expect(lines[0]?.msg).toContain(word)
})

test('it is said again now and then while it lasts, and when it is over', () => {
  const { lines, look } = watched()
  for (const nowMs of [0, 59_999, 60_000, 70_000]) look({ unowned: [1] }, nowMs)
  expect(lines).toHaveLength(2)
  look({}, 80_000)
  look({}, 90_000)
  expect(lines.slice(2)).toMatchObject([{ level: 30, watchdog: 'unowned shards', msg: 'is over' }])
  look({ unowned: [1] }, 91_000)
  expect(lines).toHaveLength(4)
})
