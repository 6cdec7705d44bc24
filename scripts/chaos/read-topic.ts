import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { asAdmin } from '../as-admin.ts'
import { rawKafka } from '../bench/raw-kafka.ts'
import { auditTopic, type TopicFindings } from './topic-audit.ts'

const READ_MS = 300_000

/**
 * Reads a topic from its beginning to what is its end now, and audits it.
 * @throws when it can't be read to its end within five minutes
 */
export async function readTopic(brokers: string, topic: string): Promise<TopicFindings> {
  const offsets = await asAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic))
  const left = new Map(
    offsets.filter(({ high, low }) => high !== low).map(({ partition, high }) => [partition, BigInt(high)]),
  )
  const read = new Map<number, bigint>()
  const audit = auditTopic(topic)
  const done = new AbortController()
  const consumer = rawKafka(brokers).consumer({ groupId: `chaos-audit-${randomBytes(6).toString('hex')}` })
  if (left.size === 0) return audit.findings()
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      async eachBatch({ batch: { partition, messages } }) {
        const end = left.get(partition)
        if (end === undefined) return
        for (const { offset, timestamp, key, headers } of messages) {
          // After a rebalance it begins anew.
          if (BigInt(offset) < (read.get(partition) ?? 0n) || BigInt(offset) >= end) continue
          read.set(partition, BigInt(offset) + 1n)
          audit.add({
            partition,
            offset: BigInt(offset),
            publishedAtMs: Number(timestamp),
            key: key?.toString(),
            headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])),
          })
        }
        if (BigInt(messages.at(-1)?.offset ?? -1) + 1n >= end) left.delete(partition)
        if (left.size === 0) done.abort()
      },
    })
    if (!done.signal.aborted) await once(done.signal, 'abort', { signal: AbortSignal.timeout(READ_MS) })
  } finally {
    await consumer.disconnect()
  }
  return audit.findings()
}
