import { randomBytes } from 'node:crypto'
import { connectKafka } from '@outbox/kafka/connect-kafka'
import { type ReceivedMessage, runSubscriber } from '@outbox/kafka/subscriber'
import { comparePlaces, parsePlace } from '@outbox/outbox/place'
import { pino } from 'pino'
import { expect, inject, vi } from 'vitest'
import type { Written } from './written-log.ts'

/** A message as it stands in the topic. */
export type Published = ReceivedMessage & { partition: number }

const quick = { maxWaitMs: 50, heartbeatMs: 500, sessionTimeoutMs: 10_000, metadataMaxAgeMs: 200 }

/** Reads the topic from its start until `isComplete` is content with what has come. */
export async function readTopic(
  topic: string,
  isComplete: (messages: readonly Published[]) => boolean,
): Promise<Published[]> {
  const logger = pino({ level: 'silent' })
  const connection = connectKafka({ brokers: inject('kafkaBrokers').split(','), clientId: 'test', logger })
  const stop = new AbortController()
  const read: Published[] = []
  const ended = runSubscriber(connection, {
    group: `test-${randomBytes(6).toString('hex')}`,
    topics: [topic],
    startAt: async () => undefined,
    onBatch: async ({ partition, fetchedOffset, messages }) => {
      for (const message of messages) read.push({ ...message, partition })
      return { nextOffset: (messages.at(-1)?.offset ?? fetchedOffset - 1n) + 1n }
    },
    signal: stop.signal,
    bounds: quick,
  })
  try {
    const complete = vi.waitFor(
      () => {
        if (!isComplete(read)) throw new Error(`${read.length} messages in ${topic}, and still not all`)
      },
      { timeout: 50_000, interval: 20 },
    )
    await Promise.race([complete, ended])
  } finally {
    stop.abort()
    await ended
  }
  return read
}

/** Reads until each of `written` has come, then checks the protocol's promise on what came. */
export async function expectWholeAndInOrder(topic: string, written: readonly Written[]): Promise<Published[]> {
  const isComplete = (messages: readonly Published[]) =>
    messages.length >= written.length && new Set(messages.map(nameOf)).size >= written.length
  const read = await readTopic(topic, isComplete)
  const first = firstAppearances(read)
  expect(new Set(first.map(nameOf))).toEqual(new Set(written.map(({ key, seq }) => `${key}:${seq}`)))
  expect(first).toHaveLength(written.length)
  expectAscending(first)
  return read
}

/** The first appearance of each place; a place that stands in two partitions fails. */
export function firstAppearances(messages: readonly Published[]): Published[] {
  const partitionOf = new Map<string, number>()
  return messages.filter((message) => {
    const place = message.headers['outbox-place'] ?? ''
    const known = partitionOf.get(place)
    if (known !== undefined) expect(message.partition, place).toBe(known)
    partitionOf.set(place, message.partition)
    return known === undefined
  })
}

function expectAscending(first: readonly Published[]): void {
  const places = new Map<string, { n: bigint; id: bigint }>()
  const seqs = new Map<string, number>()
  for (const message of first) {
    const place = parsePlace(message.headers['outbox-place'] ?? '')
    if (!place) throw new Error(`a message without a place: ${message.headers['outbox-place']}`)
    const at = `${message.partition}/${place.shard}`
    const before = places.get(at)
    if (before) expect(comparePlaces(before, place), `${at} at ${place.n}.${place.id}`).toBeLessThan(0)
    places.set(at, place)
    const { key, seq } = written(message)
    expect(seq, `the next of key ${key}`).toBe((seqs.get(key) ?? 0) + 1)
    seqs.set(key, seq)
  }
}

const nameOf = (message: Published) => `${written(message).key}:${written(message).seq}`

function written({ value }: Published): Written {
  return JSON.parse(String(value))
}
