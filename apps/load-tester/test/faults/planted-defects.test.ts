import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { spoiltSequence } from './defective-handler.ts'
import { type SystemUnderLoad, systemUnderLoad } from './system-under-load.ts'

let system: SystemUnderLoad

beforeAll(async () => {
  const handler = fileURLToPath(new URL('defective-handler.ts', import.meta.url))
  system = await systemUnderLoad({}, { groupB: { CONSUMER_HANDLER: handler } })
}, 180_000)

afterAll(() => system?.[Symbol.asyncDispose](), 60_000)

const options = { timeout: 180_000 }
const messages = 20_000
const clean = { received: messages, lost: 0, duplicated: 0, outOfOrder: 0, corrupt: 0, foreign: 0, findings: [] }
const known = {
  batch: Math.floor(spoiltSequence / 500),
  key: expect.stringMatching(/^key-\d+$/),
  messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  row: expect.stringMatching(/^\d+$/),
  whereabouts: expect.stringMatching(
    /^in the outbox (at|as row) .+, published .+, and passed by group-b, which stands at /,
  ),
}

/** A few keys, so that the next message of a key comes with it. */
async function run(defect: string) {
  const line = `--messages ${messages} --batch-size 500 --concurrency 20 --keys 20 --audit-timeout 10`
  return system.loadtest(`${defect}-${Date.now()}`, line.split(' '))
}

test('a message that a consumer drops is found lost, and named', options, async () => {
  const { code, printed, report } = await run('drop')
  expect(code, printed).toBe(1)
  expect(report).toMatchObject({
    verdict: 'failed',
    reasons: [`group-b: 1 message lost (sequence ${spoiltSequence})`],
    groups: [
      { name: 'group-a', ...clean },
      {
        name: 'group-b',
        ...clean,
        received: messages - 1,
        lost: 1,
        findings: [{ ...known, kind: 'lost', sequence: spoiltSequence }],
      },
    ],
  })
  expect(report.groups[1]?.findings[0]?.lookAt).toContain('the handler of group-b, which was given it')
  expect(printed).toContain(`sequence ${spoiltSequence}, batch ${known.batch}`)
})

test('a message that a consumer applies twice is found duplicated, and named', options, async () => {
  const { code, printed, report } = await run('double')
  expect(code, printed).toBe(1)
  expect(report).toMatchObject({
    verdict: 'failed',
    reasons: [`group-b: 1 effect duplicated (sequence ${spoiltSequence})`],
    groups: [
      { name: 'group-a', ...clean },
      {
        name: 'group-b',
        ...clean,
        duplicated: 1,
        findings: [{ ...known, kind: 'duplicated', sequence: spoiltSequence }],
      },
    ],
  })
})

test(
  'two messages of a key that a consumer swaps are found out of order, and the late one is named',
  options,
  async () => {
    const { code, printed, report } = await run('swap')
    expect(code, printed).toBe(1)
    expect(report).toMatchObject({
      verdict: 'failed',
      groups: [
        { name: 'group-a', ...clean },
        { name: 'group-b', ...clean, outOfOrder: 1, findings: [{ ...known, kind: 'outOfOrder' }] },
      ],
    })
    expect([spoiltSequence, spoiltSequence - 1]).toContain(report.groups[1]?.findings[0]?.sequence)
  },
)

test('a message that a consumer alters is found corrupt, and named', options, async () => {
  const { code, printed, report } = await run('corrupt')
  expect(code, printed).toBe(1)
  expect(report).toMatchObject({
    verdict: 'failed',
    reasons: [`group-b: 1 effect corrupt (sequence ${spoiltSequence})`],
    groups: [
      { name: 'group-a', ...clean },
      { name: 'group-b', ...clean, corrupt: 1, findings: [{ ...known, kind: 'corrupt', sequence: spoiltSequence }] },
    ],
  })
  expect(report.groups[1]?.findings[0]?.seen).toMatch(/^arrived with a payload with checksum \d+ instead of \d+$/)
})
