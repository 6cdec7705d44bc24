import { counted } from '../numbers.ts'
import type { FindingKind, MessageFinding, Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

/** What stands in the text of each kind; the JSON has some more. */
const shown = 3

/** What is known of the first few messages that something is wrong with; no blocks where nothing is. */
export function findingSection({
  groups,
}: Pick<Report, 'groups'>): ReportSection & Required<Pick<ReportSection, 'blocks'>> {
  const blocks = groups.flatMap((group) => {
    const byKind = Map.groupBy(group.findings, ({ kind }) => kind)
    return [...byKind].map(([kind, findings]) => ({
      title: `${group.name}: ${counted(group[kind], ...words[kind])}`,
      items: findings.slice(0, shown).map(itemOf),
    }))
  })
  return { title: 'Findings', blocks, notes: [] }
}

const words: Record<FindingKind, [one: string, many: string]> = {
  lost: ['message lost', 'messages lost'],
  duplicated: ['effect duplicated', 'effects duplicated'],
  outOfOrder: ['message out of order', 'messages out of order'],
  corrupt: ['effect corrupt', 'effects corrupt'],
  foreign: ['effect of what was never sent, or was refused', 'effects of what was never sent, or was refused'],
}

function itemOf(finding: MessageFinding): { name: string; sentences: string[] } {
  const { sequence, batch, key, keySequence, messageId, seen, whereabouts, lookAt } = finding
  const names = [
    `sequence ${sequence}`,
    ...(batch === null ? [] : [`batch ${batch}`]),
    ...(key === null ? [] : [`${key}, its number ${keySequence}`]),
    ...(messageId === null ? [] : [`id ${messageId}`]),
  ]
  return { name: names.join(', '), sentences: [`What: ${seen}.`, `Where: ${whereabouts}.`, `Look at: ${lookAt}`] }
}
