import type { LoadReport } from './load.ts'
import type { Answers } from './read-answers.ts'
import type { TopicFindings } from './topic-audit.ts'

/** The four ledgers of a run: what clients were answered, the outbox, the topics, and the effects, of each load test. */
export type Ledgers = {
  loads: readonly { run: string; answers: Answers; audit: LoadReport | undefined }[]
  /** Every row that was ever in the outbox, by its id, but poison. */
  rows: ReadonlySet<number>
  /** Rows that Kafka must refuse, by their ids. */
  poison: ReadonlySet<number>
  /** How many others became dead letters. */
  deadLetters: number
  topics: readonly TopicFindings[]
}

const EXAMPLES = 3

/** @returns what contradicts the promise, a sentence each; nothing when the ledgers agree */
export function compareLedgers({ loads, rows, poison, deadLetters, topics }: Ledgers): string[] {
  const published = new Set(topics.flatMap(({ ids }) => [...ids]))
  const problems = topics.flatMap(({ violations }) => violations)
  const note = (what: string, found: readonly (number | string)[]) => {
    if (found.length === 0) return
    const more = found.length > EXAMPLES ? ', …' : ''
    problems.push(`${found.length} ${what} (${found.slice(0, EXAMPLES).join(', ')}${more})`)
  }
  note(
    'rows of the outbox are in no topic',
    [...rows].filter((id) => !published.has(id)),
  )
  note(
    'messages in a topic were never in the outbox',
    [...published].filter((id) => !rows.has(id) && !poison.has(id)),
  )
  note(
    'messages that Kafka must refuse are in a topic',
    [...poison].filter((id) => published.has(id)),
  )
  if (deadLetters > 0) problems.push(`${deadLetters} messages became dead letters that Kafka would have taken`)
  for (const { run, answers, audit } of loads) {
    const inTopics = new Set(topics.flatMap(({ runs }) => [...(runs.get(run) ?? [])]))
    note(
      `messages of ${run} were answered 202 and are in no topic`,
      answers.sent.filter((sequence) => !inTopics.has(sequence)),
    )
    note(
      `messages of ${run} were refused and are in a topic`,
      answers.failed.filter((sequence) => inTopics.has(sequence)),
    )
    const halves = answers.unknown.filter((batch) => new Set(batch.map((sequence) => inTopics.has(sequence))).size > 1)
    note(
      `batches of ${run} never settled, and are in a topic in part`,
      halves.map(([first]) => first ?? 0),
    )
    problems.push(...effectProblems(run, audit))
  }
  return problems
}

function effectProblems(run: string, audit: LoadReport | undefined): string[] {
  if (audit === undefined) return [`${run}: could not be audited`]
  const { groups } = audit
  if (groups.length === 0) return [`${run}: no group has applied anything`]
  return groups.flatMap(({ name, lost, duplicated, outOfOrder, corrupt, foreign }) =>
    Object.entries({ lost, duplicated, outOfOrder, corrupt, foreign }).flatMap(([how, count]) =>
      count === 0 ? [] : [`${run}, ${name}: ${count} ${how}`],
    ),
  )
}
