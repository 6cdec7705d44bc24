import { crc32 } from 'node:zlib'
import { parseLoadtestHeader } from '@outbox/ledger/loadtest-header'
import { expect, test } from 'vitest'
import { createBatchBodies } from '../src/plan/batch-bodies.ts'
import { createPayloads } from '../src/plan/payloads.ts'
import { planRun } from '../src/plan/run-plan.ts'
import type { ReceivedMessage } from './fake-producer.ts'

const plan = planRun({ messages: 25, batchSize: 10, concurrency: 2, keys: 3 })

function messagesOf(batch: number, topic: string): (ReceivedMessage & { topic?: string })[] {
  const bodyOf = createBatchBodies(plan, { run: 'run-1', topic, payloadBytes: 100 })
  return JSON.parse(bodyOf(batch, 1_795_000_000_000).toString()).messages
}

test('a body holds its messages, each with what the audit needs', () => {
  const messages = messagesOf(2, 'shared-events')
  expect(messages).toHaveLength(5)
  expect(messages.every((message) => !('topic' in message))).toBe(true)
  for (const [index, { key, payload, headers }] of messages.entries()) {
    const sequence = 20 + index
    const text = JSON.stringify(payload)
    expect(text).toHaveLength(100)
    expect(key).toBe(`key-${plan.keyOf(sequence)}`)
    expect(parseLoadtestHeader(headers.loadtest)).toEqual({
      run: 'run-1',
      sequence,
      keySequence: plan.keySequenceOf(sequence),
      sentAtMs: 1_795_000_000_000,
      checksum: crc32(text),
    })
  }
})

test('a topic is named where it is not the usual one', () => {
  expect(messagesOf(0, 'orders').map(({ topic }) => topic)).toEqual(Array(10).fill('orders'))
})

test.each([32, 33, 256, 10_000])('payloads of %i bytes are exact, unique, and the same again', (payloadBytes) => {
  const payloadOf = createPayloads({ run: 'run-1', payloadBytes })
  const again = createPayloads({ run: 'run-1', payloadBytes })
  const sequences = [...Array(200).keys(), 99_999_999]
  const payloads = sequences.map(payloadOf)
  expect(new Set(payloads).size).toBe(sequences.length)
  expect(payloads).toEqual(sequences.map(again))
  for (const payload of payloads) {
    expect(Buffer.byteLength(payload)).toBe(payloadBytes)
    expect(JSON.stringify(JSON.parse(payload))).toBe(payload)
  }
})
