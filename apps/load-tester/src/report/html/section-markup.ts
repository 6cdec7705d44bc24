import type { ReportSection } from '../sections/report-section.ts'
import { html, type Markup } from './markup.ts'

/** A section of the report, with what is added to it, such as a figure. */
export function sectionMarkup({ title, pairs, table, blocks, notes }: ReportSection, added: Markup[] = []): Markup {
  return html`
<section aria-label="${title}">
<h2>${title}</h2>
${pairs === undefined ? '' : pairList(pairs)}
${table === undefined || table.rows.length === 0 ? '' : tableMarkup({ title, ...table })}
${(blocks ?? []).map(blockMarkup)}
${notes.map((note) => html`<p>${note}</p>\n`)}
${added}
</section>`
}

/** A table that can be scrolled by itself, also with the keyboard, where the page is too narrow for it. */
export function tableMarkup(table: {
  title: string
  head: readonly string[]
  rows: readonly (readonly string[])[]
}): Markup {
  const { title, head, rows } = table
  return html`<div class="table" role="region" tabindex="0" aria-label="${title}">
<table>
<thead><tr>${head.map((cell) => (cell === '' ? html`<td></td>` : html`<th scope="col">${cell}</th>`))}</tr></thead>
<tbody>
${rows.map(([name = '', ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table>
</div>`
}

function pairList(pairs: readonly (readonly [string, string])[]): Markup {
  return html`<dl>${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`
}

function blockMarkup({ title, items }: NonNullable<ReportSection['blocks']>[number]): Markup {
  return html`<h3>${title}</h3>
${items.map(({ name, sentences }) => html`<h4>${name}</h4>${sentences.map((sentence) => html`<p>${sentence}</p>\n`)}`)}`
}
