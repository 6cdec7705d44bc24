import type { Layout } from '@outbox/service/text-layout'
import type { ReportSection } from './sections/report-section.ts'

/** A section for a terminal, without its title. */
export function sectionLines({ pairs, table, blocks, notes }: ReportSection, layout: Layout): string[] {
  return [
    ...(pairs === undefined ? [] : layout.pairs(pairs)),
    ...(table === undefined || table.rows.length === 0 ? [] : layout.table(table.head, table.rows)),
    ...(blocks ?? []).flatMap(({ title, items }) => [
      ...layout.text(title),
      ...items.flatMap(({ name, sentences }) => [
        ...layout.text(name, 4),
        ...sentences.flatMap((sentence) => layout.text(sentence, 6)),
      ]),
    ]),
    ...notes.flatMap((note) => layout.text(note)),
  ]
}
