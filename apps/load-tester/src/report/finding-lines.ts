import type { Layout } from '@outbox/service/text-layout'
import { counted } from './numbers.ts'
import type { FindingKind, MessageFinding, Report } from './report.ts'

/** What stands in the text of each kind; the JSON has some more. */
const shown = 3

/** What is known of the first few messages that something is wrong with; no lines where nothing is. */
export function findingLines({ groups }: Pick<Report, 'groups'>, layout: Layout): string[] {
  return groups.flatMap((group) => {
    const byKind = Map.groupBy(group.findings, ({ kind }) => kind)
    return [...byKind].flatMap(([kind, findings]) => [
      ...layout.text(`${group.name}: ${counted(group[kind], ...words[kind])}`),
      ...findings.slice(0, shown).flatMap((finding) => messageLines(finding, layout)),
    ])
  })
}

const words: Record<FindingKind, [one: string, many: string]> = {
  lost: ['message lost', 'messages lost'],
  duplicated: ['effect duplicated', 'effects duplicated'],
  outOfOrder: ['message out of order', 'messages out of order'],
  corrupt: ['effect corrupt', 'effects corrupt'],
  foreign: ['effect of what was never sent, or was refused', 'effects of what was never sent, or was refused'],
}

function messageLines(finding: MessageFinding, layout: Layout): string[] {
  const { sequence, batch, key, keySequence, messageId, seen, whereabouts, lookAt } = finding
  const names = [
    `sequence ${sequence}`,
    ...(batch === null ? [] : [`batch ${batch}`]),
    ...(key === null ? [] : [`${key}, its number ${keySequence}`]),
    ...(messageId === null ? [] : [`id ${messageId}`]),
  ]
  return [
    ...layout.text(names.join(', '), 4),
    ...layout.text(`What: ${seen}.`, 6),
    ...layout.text(`Where: ${whereabouts}.`, 6),
    ...layout.text(`Look at: ${lookAt}`, 6),
  ]
}
