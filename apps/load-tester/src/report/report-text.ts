import { createLayout, type Layout } from '@outbox/service/text-layout'
import type { Stage } from '../plan/timetable.ts'
import type { RunHead } from '../record/run-record.ts'
import { duration, whole } from './numbers.ts'
import type { Report } from './report.ts'
import { sectionLines } from './section-lines.ts'
import { reportSections } from './sections/report-sections.ts'
import { verdictOf } from './sections/verdict.ts'

/** Colours of a terminal; plain text where there is none, or `NO_COLOR` is set. */
export type Paint = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string

/** How a text is to look. */
export type Looks = { width: number; paint: Paint }

type Page = { layout: Layout; paint: Paint }

/** What is said before the first message is sent. `notes`: what was found out about the options. */
export function startText(head: RunHead, notes: readonly string[], { width, paint }: Looks): string {
  const { options, producers } = head
  const layout = createLayout(width)
  const page = { layout, paint }
  const healthy = producers.filter((producer) => producer.healthy)
  const names = Math.max(...producers.map(({ name }) => name.length))
  const health = producers.flatMap(({ name, url, healthy, reason }) => {
    const mark = `${healthy ? '✔' : '✘'} ${name.padEnd(names)}`
    const lines = layout.pairs([[mark, reason === undefined ? url : `${url}  ${reason}`]])
    return lines.map((line) => paint(healthy ? 'green' : 'red', line))
  })
  return join([
    section(page, `Load test ${head.scenario}, run ${head.runId}`, []),
    section(page, 'Configuration', [
      ...layout.pairs([
        ['Total Messages', options.messages === undefined ? 'as many as can be sent' : whole(options.messages)],
        ...loadPairs(options),
        ['Batch Size', whole(options.batchSize)],
        ['Max Concurrency', whole(options.concurrency)],
        ['Target Topic', options.topic],
        ['Keys', `${whole(options.keys)}${options.keySkew === undefined ? '' : `, skewed by ${options.keySkew}`}`],
        ['Payload', payloadText(options)],
        ['Producers', `${healthy.length} of ${producers.length}`],
      ]),
      ...notes.flatMap((note) => layout.text(note)).map((line) => paint('yellow', line)),
    ]),
    section(page, 'Producer health', health),
  ])
}

/** What is said at the end. */
export function endText(report: Report, { width, paint }: Looks): string {
  const page = { layout: createLayout(width), paint }
  const sections = reportSections(report).map((part) => section(page, part.title, sectionLines(part, page.layout)))
  return join([...sections, verdictLines(report, page)])
}

function loadPairs({ stages, durationMs, warmUpMs }: RunHead['options']): [string, string][] {
  const rate = ({ durationMs, fromPerSecond, toPerSecond }: Stage) => {
    const rates =
      fromPerSecond === toPerSecond ? whole(toPerSecond) : `${whole(fromPerSecond)} to ${whole(toPerSecond)}`
    return `${rates} messages/s for ${duration(durationMs)}`
  }
  return [
    ...(stages === undefined ? [] : [['Timetable', stages.map(rate).join(', ')] as [string, string]]),
    ...(durationMs === undefined ? [] : [['Duration', duration(durationMs)] as [string, string]]),
    ...(warmUpMs === undefined ? [] : [['Warm-up', `${duration(warmUpMs)}, not measured`] as [string, string]]),
  ]
}

function payloadText({ payloads, payloadBytes, payloadBytesMax }: RunHead['options']): string {
  if (payloads !== undefined) return `lines of ${payloads}`
  return `${whole(payloadBytes)}${payloadBytesMax === undefined ? '' : ` to ${whole(payloadBytesMax)}`} bytes`
}

function join(sections: readonly (readonly string[])[]): string {
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function section({ layout, paint }: Page, title: string, lines: readonly string[]): string[] {
  return [...layout.text(title, 0).map((line) => paint('bold', line)), ...lines]
}

const colours = { passed: 'green', failed: 'red', 'threshold-missed': 'red', interrupted: 'yellow' } as const

function verdictLines(report: Report, { layout, paint }: Page): string[] {
  const { word, sentences } = verdictOf(report)
  return [
    ...layout.text(word, 0).map((line) => paint(colours[report.verdict], paint('bold', line))),
    ...sentences.flatMap((sentence) => layout.text(sentence)),
  ]
}
