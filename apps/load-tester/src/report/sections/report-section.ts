/** A part of the report as a person reads it: the same words and figures in a terminal and on a page. */
export type ReportSection = {
  title: string
  /** Names and values. */
  pairs?: readonly (readonly [name: string, value: string])[]
  /** The first column holds names, the others hold numbers. */
  table?: { head: readonly string[]; rows: readonly (readonly string[])[] }
  /** What takes more than a line to tell, under titles. */
  blocks?: readonly { title: string; items: readonly { name: string; sentences: readonly string[] }[] }[]
  /** Sentences below. */
  notes: readonly string[]
}
