import { expect, test } from 'vitest'
import { confirmInOrder } from '../src/confirm-in-order.ts'
import type { OutgoingMessage, ProduceRequest } from '../src/produce-request.ts'
import { outgoing } from './fresh-topic.ts'

const most = { maxRequestBytes: 1_000_000, maxBatchBytes: 1_000_000, maxBatchMessages: 1_000 }
const limits = () => most
const tooLarge = { code: 'MESSAGE_TOO_LARGE', reason: 'too large' }

/** Plays a broker that refuses a whole request when it holds one of `refused`. */
function broker(refused: readonly string[] = []) {
  const requests: string[] = []
  const send = async ({ byTopic }: ProduceRequest) => {
    const names = [...byTopic.values()].flat().map(({ key }) => String(key))
    const bad = names.some((name) => refused.includes(name))
    requests.push(`${names.join('')}${bad ? '!' : ''}`)
    return bad ? tooLarge : undefined
  }
  return { requests, send }
}

const messages = (names: string, partitions = 2): OutgoingMessage[] =>
  [...names].map((name, index) => outgoing('t', name, { partition: index % partitions }))

test('one request takes everything that fits', async () => {
  const { requests, send } = broker()
  expect(await confirmInOrder(messages('abcdef'), limits, send)).toBeUndefined()
  expect(requests).toEqual(['abcdef'])
})

test('nothing to send is nothing sent', async () => {
  const { requests, send } = broker()
  expect(await confirmInOrder([], limits, send)).toBeUndefined()
  expect(requests).toEqual([])
})

test('a request ends before the message that would overfill a batch, whatever its partition', async () => {
  const { requests, send } = broker()
  await confirmInOrder(messages('abcdefg', 2), () => ({ ...most, maxBatchMessages: 2 }), send)
  expect(requests).toEqual(['abcd', 'efg'])
})

test('a request ends before it is too large', async () => {
  const { requests, send } = broker()
  const large = [...'abcde'].map((name) => outgoing('t', name, { bytes: 400 }))
  await confirmInOrder(large, () => ({ ...most, maxRequestBytes: 1_000 }), send)
  expect(requests).toEqual(['ab', 'cd', 'e'])
})

test('a message beyond every limit is sent alone', async () => {
  const { requests, send } = broker()
  const large = ['a', 'b', 'c'].map((name) => outgoing('t', name, { bytes: name === 'b' ? 5_000 : 10 }))
  await confirmInOrder(large, () => ({ ...most, maxBatchBytes: 1_000 }), send)
  expect(requests).toEqual(['a', 'b', 'c'])
})

test('the first message at fault is found in order, and nothing behind its request is sent', async () => {
  const { requests, send } = broker(['c', 'g'])
  const refusal = await confirmInOrder(messages('abcdefghij'), () => ({ ...most, maxBatchMessages: 4 }), send)
  expect(refusal).toEqual({ index: 2, ...tooLarge })
  expect(requests).toEqual(['abcdefgh!', 'abcd!', 'ab', 'cd!', 'c!'])
})

test('a request that is refused only as a whole goes through in halves', async () => {
  const requests: string[] = []
  const refusal = await confirmInOrder(messages('abcde', 1), limits, async ({ byTopic }) => {
    const names = [...byTopic.values()].flat().map(({ key }) => key)
    requests.push(names.join(''))
    return names.length > 2 ? tooLarge : undefined
  })
  expect(refusal).toBeUndefined()
  expect(requests).toEqual(['abcde', 'ab', 'cde', 'c', 'de'])
})
