import { parseLoadtestHeader } from '@outbox/ledger/loadtest-header'
import { comparePlaces, parsePlace, type WrittenPlace } from '@outbox/outbox/place'

/** A message as it stands in a topic; headers as text. */
export type TopicMessage = {
  partition: number
  offset: bigint
  /** When it was published, in ms since 1970. */
  publishedAtMs: number
  key: string | undefined
  headers: Readonly<Record<string, string | undefined>>
}

/** What a topic's whole content says. */
export type TopicFindings = {
  /** Messages in it, repeated ones included. */
  appearances: number
  /** Ids of the outbox's rows that stand in it. */
  ids: ReadonlySet<number>
  /** When each repetition of a place was published, in ms since 1970. */
  duplicatesAtMs: number[]
  /** The sequences of each load test that stand in it. */
  runs: ReadonlyMap<string, ReadonlySet<number>>
  /** What breaks the protocol, a sentence each; the first few of a kind. */
  violations: string[]
}

/** An audit under way; takes each partition's messages in the order of their offsets. */
export type TopicAudit = { add(message: TopicMessage): void; findings(): TopicFindings }

const EXAMPLES = 3

/**
 * Checks what the protocol promises of a topic read from its beginning: each place stands in one partition only, a row has one
 * place only, and in each partition the *first* appearances of a shard's places ascend, and so do those of a key's messages.
 * Together with "each row of the outbox is there" this means: in place, and without gaps.
 */
export function auditTopic(topic: string): TopicAudit {
  const placeOf = new Map<number, WrittenPlace & { partition: number }>()
  const ids = new Set<number>()
  const newestPlaces = new Map<string, WrittenPlace>()
  const newestSequences = new Map<string, number>()
  const runs = new Map<string, Set<number>>()
  const duplicatesAtMs: number[] = []
  const violations = new Map<string, string[]>()
  let appearances = 0
  let log: string | undefined

  const violated = (kind: string, message: TopicMessage, what: string) => {
    const known = violations.get(kind) ?? []
    violations.set(kind, known)
    known.push(`${topic}/${message.partition} at ${message.offset}: ${what}`)
  }

  const addFirst = (message: TopicMessage, place: WrittenPlace) => {
    const at = `${message.partition}/${place.shard}`
    const newest = newestPlaces.get(at)
    if (newest !== undefined && comparePlaces(newest, place) >= 0) {
      violated('place', message, `place ${written(place)} appears first behind ${written(newest)} of its shard`)
    } else newestPlaces.set(at, place)
    const stamp = parseLoadtestHeader(message.headers.loadtest ?? '')
    if (stamp === undefined) return
    const sequences = runs.get(stamp.run) ?? new Set()
    runs.set(stamp.run, sequences)
    if (sequences.has(stamp.sequence)) {
      violated('twice', message, `message ${stamp.sequence} of ${stamp.run} stands there under two places`)
    }
    sequences.add(stamp.sequence)
    const ofKey = `${message.partition}/${stamp.run}/${message.key}`
    const before = newestSequences.get(ofKey) ?? -1
    if (stamp.keySequence <= before) {
      violated('key', message, `number ${stamp.keySequence} of ${message.key} appears first behind number ${before}`)
    } else newestSequences.set(ofKey, stamp.keySequence)
  }

  return {
    add(message) {
      appearances += 1
      const place = parsePlace(message.headers['outbox-place'] ?? '')
      if (place === undefined) return violated('no place', message, 'a message without a place')
      log ??= place.log
      if (place.log !== log) return violated('log', message, `a place of the log ${place.log}, others are of ${log}`)
      const id = Number(place.id)
      const known = placeOf.get(id)
      if (known === undefined) {
        placeOf.set(id, { ...place, partition: message.partition })
        ids.add(id)
        return addFirst(message, place)
      }
      duplicatesAtMs.push(message.publishedAtMs)
      if (known.partition !== message.partition) {
        violated('partition', message, `place ${written(place)} stands in partition ${known.partition} as well`)
      }
      if (comparePlaces(known, place) !== 0 || known.shard !== place.shard) {
        violated('row', message, `row ${id} has the places ${written(known)} and ${written(place)}`)
      }
    },
    findings: () => ({
      appearances,
      ids,
      duplicatesAtMs,
      runs,
      violations: [...violations.values()].flatMap(shortened),
    }),
  }
}

function written({ shard, n, id }: WrittenPlace): string {
  return `${shard}/${n}.${id}`
}

function shortened(all: string[]): string[] {
  return all.length <= EXAMPLES ? all : [...all.slice(0, EXAMPLES), `… and ${all.length - EXAMPLES} more like these`]
}
