import type { DeadLetter } from '@outbox/outbox/find-dead-letters'
import type { Layout } from '@outbox/service/text-layout'
import { plain, bytes as size } from './show.ts'

const shownPayload = 2_000

/** A line for each. */
export function deadLetterTable(letters: readonly DeadLetter[], layout: Layout): string[] {
  if (letters.length === 0) return ['no dead letters']
  const rows = letters.map(({ id, topic, key, bytes, code, ambiguous, parkedAt }) => [
    `${id}`,
    parkedAt.toISOString().slice(0, 19),
    topic,
    plain(key ?? '–'),
    bytes === null ? 'null' : size(bytes),
    ambiguous ? `${code} (ambiguous)` : code,
  ])
  return layout.table(['id', 'parked (UTC)', 'topic', 'key', 'payload', 'code'], rows)
}

/** All of one. */
export function deadLetterText(letter: DeadLetter & { payload: Buffer | null }, layout: Layout): string[] {
  const { id, messageId, originalId, topic, key, payload, headers, code, reason, ambiguous, parkedAt } = letter
  const facts: [string, string][] = [
    ['Id', `${id}`],
    ['Message id', messageId],
    ...(originalId === null ? [] : [['First id', originalId] as [string, string]]),
    ['Topic', topic],
    ['Key', plain(key ?? '–')],
    ['Parked', parkedAt.toISOString()],
    ['Reason', plain(`${code}: ${reason}`)],
    ['In the topic', ambiguous ? 'perhaps: an attempt went without an answer' : 'no'],
    ...Object.entries(headers ?? {}).map(([name, value]): [string, string] => [`Header ${name}`, plain(value)]),
  ]
  const text = payload === null ? 'null, a tombstone' : payloadText(payload)
  return [...layout.pairs(facts, 0), '', text]
}

function payloadText(payload: Buffer): string {
  const text = plain(payload.subarray(0, shownPayload).toString())
  return payload.length > shownPayload ? `${text}… (${payload.length} bytes; --json shows all)` : text
}
