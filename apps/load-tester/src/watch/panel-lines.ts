import { fit } from '@outbox/service/text-layout'
import { duration, latency, whole } from '../report/numbers.ts'
import type { Paint } from '../report/report-text.ts'
import { type RunPace, settled } from './run-pace.ts'
import type { RunSample, UsagePart } from './run-sample.ts'
import { whyTesterIsTheLimit } from './tester-limit.ts'

/** A terminal's size, and its colours. */
export type PanelLooks = { columns: number; rows: number; paint: Paint }

/** What a panel shows; `title`: which run it is. */
export type PanelContent = { title: string; sample: RunSample; pace: RunPace }

type Line = { text: string; format?: Parameters<Paint>[0] }

/**
 * The panel as lines that fit on the terminal: what has no room at the right or below is cut, and what matters most stands
 * first. The terminal's last row is left free for the cursor, its last column since some terminals wrap there.
 */
export function panelLines(content: PanelContent, { columns, rows, paint }: PanelLooks): string[] {
  const room = Math.max(columns - 1, 1)
  const { sample } = content
  const sections = [
    [...headLines(content, room), ...countLines(content, room), ...limitLines(sample)],
    groupLines(sample),
    producerLines(sample),
    hopLines(sample),
    usageLines(sample, room),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : [{ text: '' }, ...lines]))
    .slice(0, Math.max(rows - 1, 1))
    .map(({ text, format }) => {
      const line = fit(text, room)
      return format === undefined ? line : paint(format, line)
    })
}

const phases = { sending: 'sending', applying: 'waiting for the effects', auditing: 'reading the ledger' } as const

function headLines({ title, sample, pace }: PanelContent, room: number): Line[] {
  const { phase, atMs, waiting } = sample
  const left = pace.leftMs === undefined ? '' : `, ${duration(pace.leftMs)} left`
  const share = ` ${Math.floor(pace.share * 100)} %${phase === 'auditing' ? '' : left}`
  const lines: Line[] = [
    { text: `${phases[phase]}, ${duration(atMs)}  ${title}`, format: 'bold' },
    { text: bar(pace.share, Math.min(Math.max(room - share.length, 6), 60)) + share },
  ]
  if (waiting !== undefined && waiting.stillMs >= stillMs) lines.push({ text: stillText(waiting), format: 'yellow' })
  return lines
}

/** Below that it is no news that nothing moves. */
export const stillMs = 3_000

/** Says why nothing seems to happen, and until when. */
export function stillText({ stillMs, timeoutMs }: NonNullable<RunSample['waiting']>): string {
  const [still, timeout] = [stillMs, timeoutMs].map((ms) => Math.floor(ms / 1_000))
  return `nothing moved for ${still} s, waiting up to ${timeout} s`
}

function countLines({ sample, pace }: PanelContent, room: number): Line[] {
  const { messages, sent, failed, unknown, inFlight, missedStarts, repeated } = sample
  const bad = [
    ...(failed > 0 ? [`${whole(failed)} failed`] : []),
    ...(unknown > 0 ? [`${whole(unknown)} unknown`] : []),
  ]
  const all = messages === undefined ? '' : ` of ${whole(messages)}`
  const pieces = [
    `${whole(sent)}${all} sent`,
    `${whole(pace.nowPerSecond)}/s ${sample.phase === 'sending' ? 'now' : 'applied now'}`,
    `${whole(pace.meanPerSecond)}/s mean`,
    `${whole(inFlight)} in flight`,
    `${whole(missedStarts)} late starts`,
    `${whole(repeated)} sent again`,
  ]
  return [
    ...flow(pieces, room).map((text) => ({ text })),
    ...(bad.length === 0 ? [] : [{ text: bad.join(', '), format: 'red' as const }]),
  ]
}

function limitLines({ tester, latencyMs, phase, atMs }: RunSample): Line[] {
  if (phase !== 'sending') return []
  const { loopDelayMs: loopDelayP99Ms, cpuShare } = tester
  const why = whyTesterIsTheLimit({ loopDelayP99Ms, cpuShare, acceptP99Ms: latencyMs.accept.p99, sendingMs: atMs })
  return why === undefined ? [] : [{ text: `the tester is the limit: ${why}`, format: 'yellow' }]
}

function groupLines(sample: RunSample): Line[] {
  const groups = Object.entries(sample.applied)
  const rows = groups.map(([name, applied]) => {
    const lag = Math.max(sample.sent - applied, 0)
    return [name, whole(lag), whole(applied), bar(sample.sent === 0 ? 1 : applied / sample.sent, 10)]
  })
  return rows.length === 0 ? [] : table(['group', 'lag', 'applied', ''], rows)
}

function producerLines({ producers }: RunSample): Line[] {
  const rows = producers.map(({ name, circuit, sent, errors, ...counts }) => [
    name,
    circuit,
    whole(errors),
    whole(settled({ sent, ...counts })),
  ])
  const [head, ...lines] = table(['producer', 'circuit', 'errors', 'settled'], rows)
  if (head === undefined) return []
  const format = (index: number) => (producers[index]?.circuit === 'closed' ? {} : { format: 'yellow' as const })
  return [head, ...lines.map((line, index) => ({ ...line, ...format(index) }))]
}

function hopLines({ latencyMs: { accept, publish, endToEnd } }: RunSample): Line[] {
  const hops = [
    // Nothing was accepted since the look before.
    ['accept', accept.max === 0 ? undefined : accept],
    ['publish', publish],
    ['end to end', endToEnd],
  ] as const
  const rows = hops.flatMap(([name, hop]) => (hop === undefined ? [] : [[name, latency(hop.p50), latency(hop.p99)]]))
  return rows.length === 0 ? [] : table(['latency now', 'p50', 'p99'], rows)
}

function usageLines({ usage }: RunSample, room: number): Line[] {
  const shares = new Map<UsagePart, number>()
  for (const { part, cpuShare } of usage) shares.set(part, (shares.get(part) ?? 0) + cpuShare)
  const pieces = [...shares].map(([part, share]) => `${part} ${share.toFixed(2)}`)
  if (pieces.length === 0) return []
  return [{ text: 'cores in use', format: 'dim' }, ...flow(pieces, room).map((text) => ({ text }))]
}

/** The first column is a name and stands at the left, the others at the right; bars and words at the end, too. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): Line[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const isText = (column: number) => column === 0 || rows.every((row) => !/^\d/.test(row[column] ?? ''))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [{ text: line(head), format: 'dim' }, ...rows.map((row) => ({ text: line(row) }))]
}

/** As many pieces a line as there is room for. */
function flow(pieces: readonly string[], room: number): string[] {
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 3 + piece.length <= room) lines[lines.length - 1] = `${last}   ${piece}`
    else lines.push(piece)
  }
  return lines
}

function bar(share: number, length: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * length)
  return '█'.repeat(full) + '░'.repeat(length - full)
}
