import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCommandLine } from '../../command-line/write-command-line.ts'
import type { Report } from '../report.ts'
import type { ReportSection } from '../sections/report-section.ts'
import { reportSections } from '../sections/report-sections.ts'
import { processSection } from '../sections/resource-section.ts'
import { verdictOf } from '../sections/verdict.ts'
import { type Figure, figureMarkup } from './figure.ts'
import { acceptFigure } from './figures/accept-figure.ts'
import { backlogFigure } from './figures/backlog-figure.ts'
import { percentileFigure } from './figures/percentile-figure.ts'
import { rateFigure } from './figures/rate-figure.ts'
import { usageFigures } from './figures/usage-figures.ts'
import { html, jsonData, Markup } from './markup.ts'
import { sectionMarkup } from './section-markup.ts'
import { shareBars } from './share-bars.ts'

/** Nothing may be asked for, from nowhere; there is no script that could. */
const policy = "default-src 'none'; style-src 'unsafe-inline'"

/** The report as one page that needs nothing else: no script, no network. It holds the JSON, too. */
export function htmlPage(report: Report): string {
  const { runId, scenario, verdict } = report
  const { word } = verdictOf(report)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${word}: load test ${scenario}, run ${runId}</title>
<style>
${styleSheet()}</style>
</head>
<body class="${verdict}">
<main>
${headMarkup(report)}
${sectionsMarkup(report)}
${settingsMarkup(report)}
</main>
<script type="application/json" id="report">${jsonData(report)}</script>
</body>
</html>
`.text
}

function styleSheet(): Markup {
  return new Markup(readFileSync(join(import.meta.dirname, 'page.css'), 'utf8'))
}

const marks = { passed: '✔', failed: '✘', 'threshold-missed': '✘', interrupted: '■' } as const

function headMarkup(report: Report): Markup {
  const { runId, scenario, startedAt, finishedAt, verdict } = report
  const { word, sentences } = verdictOf(report)
  return html`<header>
<h1>Load test ${scenario}</h1>
<p class="run">Run ${runId}, <time datetime="${startedAt}">${startedAt}</time> to <time datetime="${finishedAt}">${finishedAt}</time></p>
<div class="verdict">
<p><strong><span aria-hidden="true">${marks[verdict]}</span> ${word}</strong></p>
${sentences.map((sentence) => html`<p>${sentence}</p>\n`)}</div>
</header>`
}

/** The sections of the text report in its words; those that say whether it is good come first. */
function sectionsMarkup(report: Report): Markup {
  const sections = reportSections(report)
  const first = ['Thresholds', 'Final statistics', 'Findings']
  const ordered = [
    ...first.flatMap((title) => sections.filter((section) => section.title === title)),
    ...sections.filter(({ title }) => !first.includes(title)),
  ]
  return html`${ordered.map((section) => sectionMarkup(section, addedTo(section, report)))}`
}

/** What a page has beyond the text: figures. */
function addedTo({ title }: ReportSection, report: Report): Markup[] {
  switch (title) {
    case 'Final statistics':
      return overTime(report, [rateFigure, backlogFigure, acceptFigure])
    case 'Latencies':
      return [percentileFigure(report)].filter(({ series }) => series.length > 0).map(figureMarkup)
    case 'Statistics by producer':
      return [shareBars(report)]
    case 'Resources':
      if (report.resources.length === 0) return []
      return [...overTime(report, [usageFigures]), sectionMarkup(processSection(report))]
    default:
      return []
  }
}

/** A line needs two points. */
function overTime(report: Report, figures: readonly ((report: Report) => Figure | Figure[])[]): Markup[] {
  if (report.timeline.length < 2) return [html`<p>The run was too short for figures over time.</p>`]
  return figures.flatMap((figure) => figure(report)).map(figureMarkup)
}

function settingsMarkup(report: Report): Markup {
  const pairs = Object.entries(report.options).map(
    ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const,
  )
  return sectionMarkup({ title: 'Settings', pairs, notes: ['To run it again:'] }, [
    html`<pre tabindex="0" aria-label="command line"><code>${writeCommandLine(report)}</code></pre>`,
  ])
}
