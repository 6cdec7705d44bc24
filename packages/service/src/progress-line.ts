import { fit } from './text-layout.ts'

/** What goes on, on standard error. */
export type ProgressLine = {
  /** Says how far it is; called as often as one likes. */
  update(text: () => string): void
  /** Says something that is to stay. */
  note(text: string): void
  /** Ends the line. */
  end(): void
}

/** The part of a stream that it needs: a terminal's, or a pipe's. */
export type ProgressOutput = { write(text: string): unknown; isTTY?: boolean; columns?: number }

const terminalMs = 100
/** Somebody reads it as a log. */
const otherwiseMs = 5_000

/** One line that is written over and over on a terminal; elsewhere a line every 5 s, if it says something new. */
export function createProgressLine(output: ProgressOutput, now: () => number = () => performance.now()): ProgressLine {
  const terminal = output.isTTY === true
  let shownMs = terminal ? Number.NEGATIVE_INFINITY : now()
  let shown = ''
  let open = false

  const erase = () => (open ? '\r\u001B[2K' : '')
  return {
    update(text) {
      if (now() - shownMs < (terminal ? terminalMs : otherwiseMs)) return
      shownMs = now()
      const line = text()
      if (line === shown) return
      shown = line
      if (terminal) output.write(`${erase()}${fit(line, (output.columns ?? 80) - 1)}`)
      else output.write(`${line}\n`)
      open = terminal
    },
    note(text) {
      output.write(`${erase()}${text}\n`)
      open = false
      shown = ''
    },
    end() {
      output.write(erase())
      open = false
      shown = ''
    },
  }
}
