import { percent, whole } from '../numbers.ts'
import type { Report } from '../report.ts'
import { html, Markup } from './markup.ts'

/** What each producer has of all that was settled, as bars. */
export function shareBars({ producers, totals }: Report): Markup {
  const all = totals.sent + totals.failed + totals.unknown
  const bars = producers.map(({ name, healthy, sent, failed, unknown }) => {
    const mine = sent + failed + unknown
    const said = healthy ? `${percent(all === 0 ? 0 : (mine / all) * 100)} (${whole(mine)})` : 'was not ready'
    return html`<li><span>${name}</span><span>${said}</span>${bar(all === 0 ? 0 : (mine / all) * 100)}</li>\n`
  })
  return html`<h3 id="shares">Shares of the producers</h3>
<ul class="bars" aria-labelledby="shares">
${bars}</ul>`
}

function bar(width: number): Markup {
  return new Markup(
    `<svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect class="rest" width="100" height="3"/><rect class="share" width="${width.toFixed(2)}" height="3"/></svg>`,
  )
}
