import type { DeadLetter } from '@outbox/outbox/find-dead-letters'
import type { Layout } from '@outbox/service/text-layout'
import { plain, bytes as size } from './show.ts'

const shownPayload = 2_000

/** A line for each. */
export function deadLetterTable(letters: readonly DeadLetter[], layout: Layout): string[] {
  if (letters.length === 0) return ['no dead letters']
  const rows = letters.map((letter) => {
    const { id, topic, key, bytes, code, parkedAt } = letter
    return [
      `${id}`,
      parkedAt.toISOString().slice(0, 19),
      topic,
      plain(key ?? '–'),
      bytes === null ? 'null' : size(bytes),
      sentAgain(letter),
      code,
    ]
  })
  return layout.table(['id', 'parked (UTC)', 'topic', 'key', 'payload', 'sent again', 'code'], rows)
}

/** All of one. */
export function deadLetterText(letter: DeadLetter & { payload: Buffer | null }, layout: Layout): string[] {
  const { id, messageId, originalId, topic, key, payload, headers, code, reason, ambiguous } = letter
  const facts: [string, string][] = [
    ['Id', `${id}`],
    ['Message id', messageId],
    ...(originalId === null ? [] : [['First id', originalId] as [string, string]]),
    ['Topic', topic],
    ['Key', plain(key ?? '–')],
    ['Parked', letter.parkedAt.toISOString()],
    ['Attempts', `${letter.attempts}`],
    ['Sent again', sentAgain(letter)],
    ['Holds its key', letter.holds ? 'yes: what comes later with it waits' : 'no'],
    ['Reason', plain(`${code}: ${reason}`)],
    ['In the topic', ambiguous ? 'perhaps: an attempt went without an answer' : 'no'],
    ...Object.entries(headers ?? {}).map(([name, value]): [string, string] => [`Header ${name}`, plain(value)]),
  ]
  const text = payload === null ? 'null, a tombstone' : payloadText(payload)
  return [...layout.pairs(facts, 0), '', text]
}

/** One that waits behind another of its key has no time of its own. */
function sentAgain({ nextAttemptAt, attempts, ambiguous }: DeadLetter): string {
  if (nextAttemptAt === null) return ambiguous ? 'ambiguous' : 'if requeued'
  if (attempts === 0) return 'after others'
  const seconds = Math.ceil((nextAttemptAt.getTime() - Date.now()) / 1_000)
  return seconds > 0 ? `in ${seconds} s` : 'now'
}

function payloadText(payload: Buffer): string {
  const text = plain(payload.subarray(0, shownPayload).toString())
  return payload.length > shownPayload ? `${text}… (${payload.length} bytes; --json shows all)` : text
}
