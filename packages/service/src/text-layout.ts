import { stripVTControlCharacters } from 'node:util'

/** Text for a terminal of `width` columns. */
export type Layout = {
  /** A sentence, wrapped, each line behind `indent` spaces. */
  text(text: string, indent?: number): string[]
  /** Names and values in two columns; as `name: value`, wrapped, where these have no room. */
  pairs(pairs: readonly (readonly [name: string, value: string])[], indent?: number): string[]
  /** The first column is a name, the others are numbers. Where it is too wide, each row becomes a list. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string[]
}

const defaultIndent = 2
const gap = '  '

/** @param width columns; at least 12 are used */
export function createLayout(width: number): Layout {
  const room = Math.max(width, 12)
  const fits = (lines: readonly string[]) => lines.every((line) => line.length <= room)

  function text(text: string, indent = defaultIndent): string[] {
    const lines: string[] = []
    let line = ''
    for (const word of text.split(/ +/).flatMap((word) => cut(word, room - indent))) {
      if (line === '') line = word
      else if (line.length + 1 + word.length <= room - indent) line += ` ${word}`
      else {
        lines.push(line)
        line = word
      }
    }
    return [...lines, line].map((line) => ' '.repeat(indent) + line)
  }

  function pairs(pairs: readonly (readonly [string, string])[], indent = defaultIndent): string[] {
    const names = Math.max(...pairs.map(([name]) => name.length))
    const lines = pairs.map(([name, value]) => `${' '.repeat(indent)}${name.padEnd(names)}${gap}${value}`)
    if (fits(lines)) return lines
    return pairs.flatMap(([name, value]) => text(`${name}: ${value}`, indent))
  }

  function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
    const line = (cells: readonly string[]) =>
      ' '.repeat(defaultIndent) +
      cells
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join(gap)
    const lines = [head, ...rows].map((cells) => line(cells).trimEnd())
    if (fits(lines)) return lines
    return rows.flatMap(([name = '', ...cells]) => [
      ...text(name),
      ...pairs(
        cells.map((cell, column) => [head[column + 1] ?? '', cell] as const),
        2 * defaultIndent,
      ),
    ])
  }

  return { text, pairs, table }
}

function cut(word: string, length: number): string[] {
  const size = Math.max(length, 1)
  return word.length <= size ? [word] : [word.slice(0, size), ...cut(word.slice(size), size)]
}

/** The line, no longer than `columns`; colours go when it is cut. */
export function fit(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line)
  return plain.length <= columns ? line : `${plain.slice(0, Math.max(columns - 1, 0))}…`
}
