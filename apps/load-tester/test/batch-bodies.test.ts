import { crc32 } from 'node:zlib'
import { parseLoadtestHeader } from '@outbox/ledger/loadtest-header'
import { expect, test } from 'vitest'
import { createBatchBodies } from '../src/plan/batch-bodies.ts'
import { createPayloads } from '../src/plan/payloads.ts'
import { planRun } from '../src/plan/run-plan.ts'
import type { ReceivedMessage } from './fake-producer.ts'

const plan = planRun({ messages: 25, batchSize: 10, concurrency: 2, keys: 3 })

function messagesOf(batch: number, topic: string): (ReceivedMessage & { topic?: string })[] {
  const payloadOf = createPayloads({ run: 'run-1', payloadBytes: 100 })
  const bodyOf = createBatchBodies(plan, { run: 'run-1', topic, payloadOf })
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
  expect(new Set(payloads.map(({ text }) => text)).size).toBe(sequences.length)
  expect(payloads).toEqual(sequences.map(again))
  for (const { text, checksum } of payloads) {
    expect(Buffer.byteLength(text)).toBe(payloadBytes)
    expect(JSON.stringify(JSON.parse(text))).toBe(text)
    expect(checksum).toBe(crc32(text))
  }
})

test('sizes between two bounds are each as likely, and the same again', () => {
  const bounds = { run: 'run-1', payloadBytes: 64, payloadBytesMax: 95 }
  const payloadOf = createPayloads(bounds)
  const again = createPayloads(bounds)
  const counts = new Map<number, number>()
  for (let sequence = 0; sequence < 32_000; sequence += 1) {
    const { text } = payloadOf(sequence)
    expect(again(sequence).text).toBe(text)
    counts.set(text.length, (counts.get(text.length) ?? 0) + 1)
  }
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, index) => 64 + index))
  for (const [size, count] of counts) expect(Math.abs(count - 1_000), `${size} bytes`).toBeLessThan(150)
})

test('a payload of any characters arrives as it is', () => {
  const text = '{ "name": "Ωmega 😀", "n": 1.50 }'
  const bodyOf = createBatchBodies(plan, {
    run: 'run-1',
    topic: 't',
    payloadOf: () => ({ text, checksum: crc32(text) }),
  })
  const body = bodyOf(0, 1_795_000_000_000).toString()
  expect(body.split(text)).toHaveLength(11)
  expect(JSON.parse(body).messages[0].payload).toEqual(JSON.parse(text))
})
