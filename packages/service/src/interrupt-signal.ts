/** As much of `process` as it takes. */
export type SignalSource = {
  on(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  stderr: { write(text: string): unknown }
  exit(code: number): unknown
}

/** Ctrl-C reaches us from the terminal and again from npm, which passes it on: these are one. */
const sameMs = 500
/** What a shell makes of Ctrl-C: 128 and the number of SIGINT. */
const interrupted = 130

/** What somebody must know who waits for the end of what can't be left halfway. */
const defaultNote = '\ninterrupted: what is in hand is finished and reported; again stops at once\n'

/**
 * Aborts on the first Ctrl-C or SIGTERM; the second ends the process at once.
 * @param options.note is said at the first; empty for what has nothing to finish
 */
export function interruptSignal(
  source: SignalSource,
  { note = defaultNote, now = () => performance.now() }: { note?: string; now?: () => number } = {},
): AbortSignal {
  const interrupt = new AbortController()
  let firstMs = Number.NaN
  const onSignal = () => {
    if (!interrupt.signal.aborted) {
      firstMs = now()
      if (note !== '') source.stderr.write(note)
      interrupt.abort()
    } else if (now() - firstMs > sameMs) source.exit(interrupted)
  }
  source.on('SIGINT', onSignal)
  source.on('SIGTERM', onSignal)
  return interrupt.signal
}
