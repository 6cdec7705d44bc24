import { stripVTControlCharacters } from 'node:util'
import type { RunDisplay } from './run-display.ts'
import type { RunSample } from './run-sample.ts'
import type { TerminalOutput } from './terminal-output.ts'

/** A panel's lines for a terminal of this size. */
type Render = (size: { columns: number; rows: number }) => string[]

/** Where the terminal doesn't say. */
const usualSize = { columns: 80, rows: 24 }
/** A run that is over sooner needs no panel. */
const firstShownMs = 500

const esc = '\u001B['
/** The terminal shows all of it at once, or none of it yet; those that don't know it ignore it. */
const beginFrame = `${esc}?2026h`
const endFrame = `${esc}?2026l`
const hideCursor = `${esc}?25l`
const showCursor = `${esc}?25h`
/** All of it: a terminal that breaks its lines anew would else count what once stood there. */
const clearLine = `${esc}2K`
const clearBelow = `${esc}J`

/**
 * A panel at the end of what stands on the terminal, drawn again and again in its place. Notes stand above it and stay; at
 * the end it is gone. However the process ends, the cursor is shown again.
 * @param panelOf is told every sample once
 */
export function createLivePanel(output: TerminalOutput, panelOf: (sample: RunSample) => Render): RunDisplay {
  let drawn: string[] = []
  let render: Render | undefined

  const size = () => ({ columns: output.columns ?? usualSize.columns, rows: output.rows ?? usualSize.rows })

  /** To where the panel begins. A terminal that has become narrower has broken its lines into several. */
  function back(): string {
    const { columns, rows } = size()
    const taken = drawn.reduce((sum, line) => sum + Math.max(Math.ceil(widthOf(line) / columns), 1), 0)
    // What the terminal has echoed, such as ^C, stands where the cursor is.
    return taken === 0 ? '\r' : `\r${esc}${Math.min(taken, rows)}A`
  }

  function draw(above = ''): void {
    const lines = render?.(size()) ?? []
    const frame = lines.map((line) => `${clearLine}${line}\n`).join('')
    const hide = drawn.length === 0 && lines.length > 0 ? hideCursor : ''
    output.write(`${beginFrame}${hide}${back()}${above}${frame}${clearBelow}${endFrame}`)
    drawn = lines
  }

  const redraw = () => drawn.length > 0 && draw()
  const restore = () => drawn.length > 0 && output.write(showCursor)
  output.on?.('resize', redraw)
  process.on('exit', restore)
  return {
    show(sample) {
      const panel = panelOf(sample)
      if (render === undefined && sample.atMs < firstShownMs) return
      render = panel
      draw()
    },
    note(text) {
      draw(
        text
          .split('\n')
          .map((line) => `${clearLine}${stripVTControlCharacters(line)}\n`)
          .join(''),
      )
    },
    end() {
      output.off?.('resize', redraw)
      process.off('exit', restore)
      if (drawn.length > 0) output.write(`${back()}${clearBelow}${showCursor}`)
      drawn = []
    },
  }
}

function widthOf(line: string): number {
  return stripVTControlCharacters(line).length
}
