import { createRequire } from 'node:module'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'

// docs/adr/0010-kafkajs-patched.md: the patch rewrites how requests are encoded, and none of their bytes may change.

afterEach(() => vi.useRealTimers())

const text = fc.string({ unit: fc.constantFrom('a', '0', ' ', 'é', '日', '😀'), maxLength: 90 })
const bytes = fc.oneof(text, fc.constant('x'.repeat(9_000))).map((given) => Buffer.from(given))
const headerValue = fc.oneof(text, bytes, fc.array(fc.oneof(text, bytes), { minLength: 1, maxLength: 3 }))
const message = fc.record(
  {
    key: fc.option(fc.oneof(text, bytes)),
    value: fc.option(bytes),
    headers: fc.dictionary(text, headerValue, { maxKeys: 4 }),
    timestamp: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  },
  { requiredKeys: ['key', 'value'] },
)
const partition = fc.record({ partition: fc.nat(), messages: fc.array(message, { minLength: 1, maxLength: 70 }) })
const topic = fc.record({ topic: text, partitions: fc.array(partition, { minLength: 1, maxLength: 3 }) })
const request = fc.record({
  topicData: fc.array(topic, { minLength: 1, maxLength: 2 }),
  compression: fc.constantFrom('none', 'gzip'),
  clientId: text,
})

test('a produce request has the bytes that kafkajs as released gives it', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const [ours, released] = [encoderOf('kafkajs'), encoderOf('kafkajs-released')]
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      expect((await ours(given)).equals(await released(given))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test.each([null, 5])('a header whose value is %s is refused as kafkajs as released refuses it', async (value) => {
  const messages = [{ key: null, value: Buffer.from('value'), headers: { name: value } }]
  const given = {
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
    compression: 'none',
    clientId: '',
  }
  for (const name of ['kafkajs', 'kafkajs-released']) {
    await expect(encoderOf(name)(given)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
  }
})

type Given = { topicData: object[]; compression: string; clientId: string }

/** Encodes what goes to the socket. kafkajs says nothing of its files; both versions have these. */
function encoderOf(name: string): (given: Given) => Promise<Buffer> {
  const require = createRequire(import.meta.url)
  const produce = require(`${name}/src/protocol/requests/produce/v7/request.js`)
  const encode = require(`${name}/src/protocol/request.js`)
  return async ({ topicData, compression, clientId }) => {
    const request = produce({ acks: -1, timeout: 5_000, topicData, compression: compression === 'gzip' ? 1 : 0 })
    return (await encode({ correlationId: 7, clientId, request })).buffer
  }
}
