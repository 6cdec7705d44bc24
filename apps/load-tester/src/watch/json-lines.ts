import type { RunDisplay } from './run-display.ts'

/** Each sample and each note as a line of JSON, told apart by `type`. */
export function createJsonLines(output: { write(text: string): unknown }): RunDisplay {
  const line = (value: object) => void output.write(`${JSON.stringify(value)}\n`)
  return {
    show: (sample) => line({ type: 'sample', ...sample }),
    note: (text) => line({ type: 'note', text }),
    end() {},
  }
}
