import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createLivePanel } from '../../src/watch/live-panel.ts'
import { someSample } from './some-sample.ts'

const esc = '\u001B['
const tokens = new RegExp(`${esc.replace('[', '\\[')}\\??\\d*[A-Za-z]|\\r|\\n|[^${esc[0]}\\r\\n]+`, 'g')

test('the panel is drawn over itself, notes stay above it, and at the end it is gone', () => {
  const terminal = screen({ columns: 40, rows: 12 })
  let nth = 0
  const panel = createLivePanel(terminal, () => {
    nth += 1
    return () => [`first ${nth}`, 'second']
  })
  panel.note('before')
  panel.show(someSample)
  expect(terminal.lines()).toEqual(['before', 'first 1', 'second'])
  panel.show(someSample)
  panel.note('in between')
  expect(terminal.lines()).toEqual(['before', 'in between', 'first 2', 'second'])
  expect(terminal.cursorShown).toBe(false)
  panel.end()
  expect(terminal.lines()).toEqual(['before', 'in between'])
  expect(terminal.cursorShown).toBe(true)
})

test('a panel that gets shorter leaves nothing behind', () => {
  const terminal = screen({ columns: 40, rows: 12 })
  const contents = [['one', 'two', 'three'], ['four']]
  const panel = createLivePanel(terminal, () => {
    const lines = contents.shift() ?? []
    return () => lines
  })
  panel.show(someSample)
  panel.show(someSample)
  expect(terminal.lines()).toEqual(['four'])
})

test('a terminal that becomes narrower has broken the lines, and the panel is drawn anew over all of them', () => {
  const terminal = screen({ columns: 20, rows: 12 })
  const panel = createLivePanel(terminal, () => ({ columns }) => ['0123456789'.slice(0, columns - 1), 'end'])
  panel.note('note')
  panel.show(someSample)
  terminal.resize(6)
  expect(terminal.lines()).toEqual(['note', '01234', 'end'])
})

test('a run that is over at once has no panel, and no cursor is touched', () => {
  const terminal = screen({ columns: 40, rows: 12 })
  const panel = createLivePanel(terminal, () => () => ['panel'])
  panel.show({ ...someSample, atMs: 80 })
  panel.end()
  expect(terminal.written).not.toContain('panel')
  expect(terminal.written).not.toContain(`${esc}?25`)
})

test('each drawing is one write, which the terminal shows as a whole', () => {
  const terminal = screen({ columns: 40, rows: 12 })
  const panel = createLivePanel(terminal, () => () => ['one', 'two'])
  panel.show(someSample)
  panel.show(someSample)
  expect(terminal.writes).toBe(2)
  const frames = terminal.written.split(`${esc}?2026h`)
  expect(frames).toHaveLength(3)
  expect(frames[0]).toBe('')
  for (const frame of frames.slice(1)) expect(frame.indexOf(`${esc}?2026l`)).toBe(frame.length - `${esc}?2026l`.length)
})

test('the cursor is shown again when the process ends in the middle', () => {
  const terminal = screen({ columns: 40, rows: 12 })
  const before = process.listeners('exit')
  const panel = createLivePanel(terminal, () => () => ['one'])
  const [restore] = process.listeners('exit').filter((listener) => !before.includes(listener))
  panel.show(someSample)
  expect(terminal.cursorShown).toBe(false)
  restore?.(0)
  expect(terminal.cursorShown).toBe(true)
  panel.end()
  expect(process.listeners('exit')).toEqual(before)
})

/** As much of a terminal as the panel uses: it breaks lines anew when it is resized, as most do. */
function screen(size: { columns: number; rows: number }) {
  const events = new EventEmitter()
  let rows = ['']
  let row = 0
  const it = {
    ...size,
    isTTY: true,
    written: '',
    writes: 0,
    cursorShown: true,
    on: (event: 'resize', listener: () => void) => events.on(event, listener),
    off: (event: 'resize', listener: () => void) => events.off(event, listener),
    lines: () => rows.slice(0, rows.findLastIndex((line) => line !== '') + 1),
    resize(columns: number) {
      const broken = rows.map((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''])
      row = broken.slice(0, row).flat().length
      rows = broken.flat()
      it.columns = columns
      events.emit('resize')
    },
    write(text: string) {
      it.written += text
      it.writes += 1
      for (const [token] of text.matchAll(tokens)) apply(token)
    },
  }
  let column = 0
  function apply(token: string): void {
    const up = /\[(\d+)A$/.exec(token)?.[1]
    if (token.startsWith(esc) && up !== undefined) row = Math.max(row - Number(up), 0)
    else if (token === '\r') column = 0
    else if (token === '\n') {
      row += 1
      column = 0
      rows[row] ??= ''
    } else if (token === `${esc}2K`) rows[row] = ''
    else if (token === `${esc}J`) rows = [...rows.slice(0, row), (rows[row] ?? '').slice(0, column)]
    else if (token === `${esc}?25l`) it.cursorShown = false
    else if (token === `${esc}?25h`) it.cursorShown = true
    else if (!token.startsWith(esc)) {
      rows[row] = (rows[row] ?? '').slice(0, column) + token + (rows[row] ?? '').slice(column + token.length)
      column += token.length
    }
  }
  return it
}
