import { type RunningSystem, urlsOf } from '@outbox/service/running-system'
import { createLayout } from '@outbox/service/text-layout'
import type { Looks } from './report/report-text.ts'

/** What the demo says before its runs, between them and after them. */
export function demoText(apps: RunningSystem['apps'], { width, paint }: Looks) {
  const layout = createLayout(width)
  const section = (title: string, lines: readonly string[]) => [paint('bold', title), ...lines, ''].join('\n')
  const sentences = (title: string, texts: readonly string[]) =>
    section(
      title,
      texts.flatMap((text) => layout.text(text)),
    )
  return {
    before: `${sentences('What you will see', whatYouWillSee)}\n`,
    between: `\n${sentences('How to read it', howToReadIt)}\n`,
    after: `\n${section('Where to look', layout.pairs(whereToLook(apps)))}\n${sentences('Larger runs', largerRuns)}`,
  }
}

const whatYouWillSee = [
  'Messages go to the producers over HTTP. A producer writes them into the outbox, a table in PostgreSQL, in one transaction, and only then answers 202.',
  'The relay reads the outbox in the order in which it was written, and publishes it to Kafka. Three consumer groups apply each message in a transaction that also moves their position.',
  'Then every message that was answered 202 is looked for in every group: it must have taken effect once, unaltered, and in the order of its key.',
]

const howToReadIt = [
  'The last lines first: PASSED says that it was so for every message. FAILED says what was not, and Findings names the messages: where each is now, and what to look at.',
  'Then the latencies: accept is what a client waits for, end to end what a reader of the effect waits for. p99 is what the slowest of a hundred messages took; a mean hides it.',
  'Next comes medium: a hundred times as many.',
]

function whereToLook(apps: RunningSystem['apps']): [string, string][] {
  const urlOf = (kind: string, usual: string) => urlsOf(kind, apps)[0] ?? usual
  const relay = urlOf('relay', 'http://127.0.0.1:5501')
  return [
    [`${urlOf('producer', 'http://127.0.0.1:5301')}/docs`, 'the API: send messages of your own'],
    [`${relay}/status`, 'the relay: shards, positions, lag'],
    [`${urlOf('consumer', 'http://127.0.0.1:5401')}/status`, 'a group: partitions, lag'],
    [`${relay}/metrics`, 'as every app has them, for Prometheus'],
    ['npm run outbox -- status', 'all of it, as a table'],
    ['npm run outbox -- doctor', 'what is wrong, and what to do'],
    ['docker compose --profile monitoring up', 'Prometheus and Grafana'],
  ]
}

const largerRuns = [
  'npm start keeps the system up; then npm run loadtest -- large (100,000) in another terminal. Kill any process meanwhile: the audit will still find every message once.',
  'Ten million (extreme) take six minutes and 15 GB of disk on two cores, until the outbox drops old partitions: OUTBOX_RETENTION=2m npm start does so soon.',
  'How fast is it? npm run loadtest -- saturation finds the rate that it bears. How long does it take? Give that rate or less: --rate 5000 --duration 60 sends on a timetable, so that a system that stalls is not spared. Without --rate the next request waits for an answer: good for throughput, flattering for latencies.',
  "In CI: --json report.json --threshold 'endToEnd.p99<250' ends with 3 where it is missed.",
  'Each run has an id: npm run loadtest -- audit RUN-ID audits it again, within a day, also where the tester was killed.',
]
