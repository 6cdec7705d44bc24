import { stripVTControlCharacters } from 'node:util'
import type { Output } from './operator.ts'

/** A terminal that is drawn over and over. */
export type Screen = {
  /** Shows these lines, as many as there is room for, instead of those before. */
  draw(lines: readonly string[]): void
  /** Leaves what was drawn last, with the cursor below it. */
  leave(): void
}

const esc = '\u001B['
const home = `${esc}H`
const clearLine = `${esc}K`
const clearBelow = `${esc}J`
const defaultRows = 24

/** Each line is written over the one before, and only what is left of that is cleared: so nothing flickers. */
export function createScreen(output: Output): Screen {
  let drawn = false
  return {
    draw(lines) {
      const room = Math.max((output.rows ?? defaultRows) - 1, 1)
      const frame = lines.slice(0, room).map((line) => `${stripVTControlCharacters(line)}${clearLine}\n`)
      output.write(`${drawn ? '' : `${esc}?25l${esc}2J`}${home}${frame.join('')}${clearBelow}`)
      drawn = true
    },
    leave() {
      // The terminal has echoed the ^C there.
      if (drawn) output.write(`\r${clearLine}${esc}?25h`)
    },
  }
}
