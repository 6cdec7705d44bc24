import { drawLines, type LineDrawing } from './draw-lines.ts'
import { html, Markup } from './markup.ts'
import { tableMarkup } from './section-markup.ts'
import type { Series } from './series.ts'

/** Lines, and in words what they show. */
export type Figure = LineDrawing & {
  title: string
  /** What a reader should see in it, with figures. */
  finding: string
  /** How a value is written, and what stands in the first column. */
  valueText: (y: number) => string
  across: string
}

/** A drawing for wide and one for narrow pages; the one that isn't shown isn't read out either. */
const widths = { wide: 880, narrow: 344 } as const
const tableRows = 30

/** A figure with its finding, its key, and its figures as a table. */
export function figureMarkup(figure: Figure): Markup {
  const { title, finding, series, faults } = figure
  const label = `${title}. ${finding}`
  const drawings = Object.entries(widths).map(
    ([name, width]) =>
      html`<div class="${name}" role="img" aria-label="${label}">${new Markup(drawLines(figure, width))}</div>\n`,
  )
  return html`
<figure>
<figcaption><h3>${title}</h3><p>${finding}</p></figcaption>
<ul class="key">${series.map(({ name }, index) => html`<li>${sample(index)} ${name}</li>`)}
${faults.map(({ fault }, index) => html`<li><span class="fault-sample" aria-hidden="true"></span> ${index + 1}: ${fault}</li>`)}</ul>
${drawings}
<details><summary>${title} as a table</summary>
${tableMarkup({ title, head: [figure.across, ...series.map(({ name }) => name)], rows: rowsOf(figure) })}
</details>
</figure>`
}

/** A stretch of the line, drawn as in the figure. */
function sample(index: number): Markup {
  return html`<svg width="34" height="8" aria-hidden="true"><line class="series-${index % 7}" x1="0" x2="34" y1="4" y2="4"/></svg>`
}

/** As many points as anyone reads, evenly spread, the last one among them. */
function rowsOf({ series, acrossText, valueText }: Figure): string[][] {
  const places = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b)
  const every = Math.ceil(places.length / tableRows)
  const shown = places.filter((_, index) => (places.length - 1 - index) % every === 0)
  return shown.map((x) => [acrossText(x), ...series.map((line) => cell(line, x, valueText))])
}

function cell({ points }: Series, x: number, valueText: Figure['valueText']): string {
  const point = points.find((point) => point.x === x)
  return point === undefined ? '–' : valueText(point.y)
}
