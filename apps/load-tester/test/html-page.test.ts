import { readFileSync } from 'node:fs'
import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { htmlPage } from '../src/report/html/page.ts'
import { latency, percent, whole } from '../src/report/numbers.ts'
import type { Report } from '../src/report/report.ts'
import { endText } from '../src/report/report-text.ts'
import { fullReport } from './full-report.ts'

const page = (report: Report) => parseHTML(htmlPage(report)).document
const textOf = (node: { textContent: string | null } | null) => node?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? ''
type Page = ReturnType<typeof page>

test('the page holds the JSON, and says every word and figure of the text report', () => {
  const report = fullReport()
  const document = page(report)
  expect(JSON.parse(document.querySelector('#report')?.textContent ?? '')).toEqual(report)
  const pieces = [...document.querySelectorAll('main *')].map(({ childNodes }) =>
    [...childNodes].map((node) => (node.nodeType === 3 ? node.textContent : ' ')).join(''),
  )
  const said = words(pieces.join(' '))
  const inText = words(endText(report, { width: 120, paint: (_, text) => text }))
  expect(inText.size).toBeGreaterThan(150)
  expect([...inText].filter((word) => !said.has(word))).toEqual([])
})

test('each figure of the JSON stands where its name is', () => {
  const report = fullReport()
  const document = page(report)
  const { totals, latencyMs, groups, producers } = report
  expect(pairsOf(document)).toMatchObject({
    'Messages Sent': whole(totals.sent),
    'Success Rate': percent(totals.successRate),
    'Average Throughput': `${whole(totals.throughputPerSecond)} messages/s`,
  })
  expect(tableOf(document, 'Thresholds')).toMatchObject({
    '✔ lost==0': { value: '0' },
    '✘ endToEnd.p99<200': { value: String(report.thresholds[1]?.value) },
  })
  const latencies = tableOf(document, 'Latencies')
  for (const [row, summary] of [
    ['accept', latencyMs.accept],
    ['publish', latencyMs.publish],
    ['end to end', latencyMs.endToEnd],
  ] as const)
    expect(latencies[row]).toMatchObject({
      min: latency(summary.min),
      p99: latency(summary.p99),
      max: latency(summary.max),
    })
  const audit = tableOf(document, 'Audit by group')
  for (const { name, received, lost, replayed } of groups)
    expect(audit[name]).toMatchObject({ received: whole(received), lost: whole(lost), replayed: whole(replayed) })
  const sent = tableOf(document, 'Statistics by producer')
  for (const { name, sent: messages } of producers) expect(sent[name]).toMatchObject({ sent: whole(messages) })
})

test('the verdict and its reasons come first', () => {
  const report = fullReport()
  const document = page(report)
  expect(textOf(document.querySelector('header .verdict'))).toBe(
    `✘ THRESHOLD MISSED 120,200 messages took effect exactly once in each of 3 groups, in the order of their keys, 14 replayed effects left aside. ${report.reasons[0]}`,
  )
  expect(document.querySelector('main')?.firstElementChild?.localName).toBe('header')
})

test('each figure says what it shows, for those who do not see it as well, and has its values as a table', () => {
  const figures = [...page(fullReport()).querySelectorAll('figure')]
  const findings = figures.map((figure) => [textOf(figure.querySelector('h3')), textOf(figure.querySelector('p'))])
  expect(Object.fromEntries(findings)).toEqual({
    'Rate over time':
      '2,404 messages/s were sent on average, 2,600 at most (at 4 s). A group applied 4,682 messages/s at most (group-a, at 24 s).',
    'Backlog over time': 'The backlog grew to 18,800 messages at 22 s (group-a) and was gone at 32 s.',
    'Accept latency over time':
      'Of half of the moments the p99 was below 12.7 ms; it was at its worst, 185 ms, at 41 s.',
    'Latency by hop':
      'End to end, half of the messages took no longer than 16.4 ms, 99 % no longer than 204 ms, and the slowest 1,212 ms. A producer answered half of them within 2.72 ms, and 99 % within 34.0 ms.',
    'CPU over time': 'postgres used the most CPU, 31.0 s in all; its highest moment was 0.68 cores at 24 s.',
    'Memory over time': 'kafka held the most memory, 956 MB at 60 s.',
  })
  for (const figure of figures) {
    const [title, finding] = [textOf(figure.querySelector('h3')), textOf(figure.querySelector('p'))]
    const drawings = [...figure.querySelectorAll('[role=img]')]
    expect(drawings.map((drawing) => drawing.getAttribute('aria-label'))).toEqual(Array(2).fill(`${title}. ${finding}`))
    expect(figure.querySelectorAll('svg path[d]').length).toBeGreaterThan(0)
    expect(figure.querySelectorAll('details tbody tr').length).toBeGreaterThan(10)
  }
})

test('nothing is asked for, from nowhere: no script, no address but as text', () => {
  const source = htmlPage(fullReport())
  const { document } = parseHTML(source)
  expect(document.querySelector('meta[http-equiv=Content-Security-Policy]')?.getAttribute('content')).toBe(
    "default-src 'none'; style-src 'unsafe-inline'",
  )
  expect([...document.querySelectorAll('script')].map((script) => script.getAttribute('type'))).toEqual([
    'application/json',
  ])
  expect(source).not.toMatch(/@import|url\(|\bon[a-z]+="/)
  const attributes = [...document.querySelectorAll('*')].flatMap(({ attributes }) => [...attributes])
  expect(attributes.length).toBeGreaterThan(1_000)
  expect(attributes.filter(({ name }) => /^(src|href|srcset|action|data|poster|xlink:href)$/.test(name))).toEqual([])
  expect(attributes.filter(({ value }) => value.includes('//'))).toEqual([])
})

test('whatever a report says is text', () => {
  const evil = `</script><script>alert("1")</script><img src=x onerror='alert(2)'>&lt;"'`
  const named = (value: unknown): unknown => {
    if (typeof value === 'string') return evil
    if (Array.isArray(value)) return value.map(named)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, named(inner)]))
  }
  const report = {
    ...fullReport(),
    ...(named(fullReport()) as Report),
    verdict: 'failed' as const,
    load: fullReport().load,
  }
  const [group] = report.timeline.flatMap(({ applied }) => Object.keys(applied))
  for (const point of report.timeline) point.applied = { [`${evil}${group}`]: 1 }
  report.options = { ...fullReport().options, topic: evil }
  const document = page(report)
  expect(document.querySelectorAll('script, img')).toHaveLength(1)
  expect(JSON.parse(document.querySelector('#report')?.textContent ?? '')).toEqual(report)
  expect(document.title).toBe(`FAILED: load test ${evil}, run ${evil}`)
  expect(textOf(document.querySelector('h1'))).toBe(`Load test ${evil}`)
  const [drawing] = document.querySelectorAll('[role=img]')
  expect(drawing?.getAttribute('aria-label')).toContain(evil)
  expect(textOf(document.querySelector('.verdict'))).toContain(evil)
})

test('a run that is over at once has a page, too', () => {
  const document = page({ ...fullReport(), timeline: [], curves: { accept: [], publish: [], endToEnd: {} } })
  expect(document.querySelectorAll('figure')).toHaveLength(0)
  expect(textOf(document.querySelector('main'))).toContain('The run was too short for figures over time.')
})

test.each(['light', 'dark'])('contrast is enough in the %s: 4.5 for text, 3 for lines', (scheme) => {
  const css = readFileSync(`${import.meta.dirname}/../src/report/html/page.css`, 'utf8')
  const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]+)\}/g)].map(([, block]) => block)
  const block = scheme === 'light' ? light : dark
  const colours = new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  )
  const contrast = (one: string, other: string) => contrastOf(colours.get(one) ?? '', colours.get(other) ?? '')
  for (const back of ['page', 'raised'])
    for (const text of ['text', 'quiet', 'good', 'bad', 'held']) expect(contrast(text, back), text).toBeGreaterThan(4.5)
  for (let line = 0; line < 7; line += 1) expect(contrast(`series-${line}`, 'page'), `${line}`).toBeGreaterThan(3)
})

function words(text: string): Set<string> {
  return new Set(text.match(/[^\s✔✘■]+/g))
}

function pairsOf(document: Page): Record<string, string> {
  return Object.fromEntries(
    [...document.querySelectorAll('dl div')].map(({ children: [name, value] }) => [
      textOf(name ?? null),
      textOf(value ?? null),
    ]),
  )
}

/** Cells by row and column. */
function tableOf(document: Page, title: string): Record<string, Record<string, string>> {
  const table = document.querySelector(`section[aria-label="${title}"] table`)
  const head = [...(table?.querySelectorAll('thead tr > *') ?? [])].map(textOf)
  return Object.fromEntries(
    [...(table?.querySelectorAll('tbody tr') ?? [])].map((row) => {
      const cells = [...row.children].map(textOf)
      return [cells[0] ?? '', Object.fromEntries(cells.map((cell, column) => [head[column] ?? '', cell]))]
    }),
  )
}

/** As WCAG 2 reckons it. */
function contrastOf(one: string, other: string): number {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (bright + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const share = Number.parseInt(hex.slice(from, from + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
