import { readRunningSystem } from '@outbox/service/running-system'
import { createLayout } from '@outbox/service/text-layout'
import type { Settings } from './command-line/read-options.ts'
import type { RunOptions } from './command-line/run-options.ts'
import type { Report } from './report/report.ts'
import { runLoadTest } from './run-load-test.ts'
import { looksOf, type Tester } from './tester.ts'

/** The two runs of the demo. */
export type Demo = { quick: RunOptions; medium: RunOptions; settings: Settings }

const explanation = [
  'This demo sends messages to the producers, over HTTP. A producer writes them into the outbox, a table in PostgreSQL, in one transaction, and only then answers 202.',
  'The relay reads the outbox in the order in which it was written and publishes it to Kafka. Three consumer groups apply each message in a transaction that also moves their position.',
  'Then every message that was answered 202 is looked for in every group: it must have taken effect once, unaltered, and in the order of its key.',
]

/** Explains, runs quick and then medium, and says where to look on. @returns the reports */
export async function runDemo(tester: Tester, { quick, medium, settings }: Demo): Promise<Report[]> {
  const { width, paint } = looksOf(tester)
  const layout = createLayout(width)
  const say = (title: string, lines: readonly string[]) =>
    tester.stdout.write(`${[paint('bold', title), ...lines].join('\n')}\n\n`)

  say(
    'What you will see',
    explanation.flatMap((sentence) => layout.text(sentence)),
  )
  const reports = [await runLoadTest(tester, { scenario: 'quick', options: quick, settings })]
  if (tester.signal.aborted) return reports
  tester.stdout.write('\n')
  reports.push(await runLoadTest(tester, { scenario: 'medium', options: medium, settings }))
  tester.stdout.write('\n')
  say(
    'What to watch',
    whatToWatch(tester.root).flatMap((sentence) => layout.text(sentence)),
  )
  return reports
}

function whatToWatch(root: string): string[] {
  const apps = readRunningSystem(root)?.apps ?? []
  const urlOf = (kind: string, usual: string) => apps.find(({ name }) => name.startsWith(kind))?.url ?? usual
  return [
    `${urlOf('producer', 'http://127.0.0.1:5301')}/docs shows how to send messages of your own.`,
    `${urlOf('relay', 'http://127.0.0.1:5501')}/status shows the relay's shards, their positions, and how far behind it is.`,
    `${urlOf('consumer', 'http://127.0.0.1:5401')}/status shows a group's partitions and its lag; /metrics is there on every app, for Prometheus.`,
    'While the system is up (npm start), run npm run loadtest -- large in another terminal and kill any of its processes: the audit will still find every message once.',
  ]
}
