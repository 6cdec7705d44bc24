import type { OutboxMessage } from '@outbox/outbox/append-messages'

const payloadBytes = 256
const keyCount = 1_000

/** The benchmarks' message of this number: one of 1,000 keys, 256 bytes. */
export function benchMessage(topic: string, number: number): OutboxMessage & { key: string; payload: string } {
  return {
    topic,
    key: `key-${number % keyCount}`,
    payload: `{"number":${number},"text":"`.padEnd(payloadBytes - 2, 'x').concat('"}'),
  }
}
