import { expect, test } from 'vitest'
import { outboxWatchdogs, type Signs } from '../src/outbox-watchdogs.ts'

const well: Signs = {
  lag: { messages: 0n, oldestSeconds: 0 },
  unowned: [],
  paused: [],
  stuckSeconds: 0,
  lastId: 0n,
  idsAhead: 20_000_000n,
  oldestTransaction: undefined,
  parked: { retry: 0, key: 0, operator: 0 },
}
const limits = { unpublishedSeconds: 60, transactionSeconds: 30, idsAhead: 1_000_000n }
const writer = { pid: 4711, gid: null, application: 'billing', seconds: 30, state: 'idle in transaction' }
const prepared = { pid: null, gid: 'tx-7', application: '', seconds: 31, state: 'prepared' }

const troubles = (signs: Partial<Signs>) =>
  outboxWatchdogs(limits).flatMap(({ name, trouble }) => {
    const what = trouble({ ...well, ...signs })
    return what === undefined ? [] : [{ name, what }]
  })

test('where all is well nothing is said', () => {
  expect(troubles({})).toEqual([])
  expect(
    troubles({ parked: { retry: 3, key: 2, operator: 0 }, oldestTransaction: { ...writer, seconds: 29 } }),
  ).toEqual([])
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
])('%s: what is wrong, and the remedy', (watchdog, signs, words) => {
  const found = troubles(signs)
  expect(found.map(({ name }) => name)).toEqual([watchdog])
  for (const word of words) expect(found[0]?.what).toContain(word)
})
