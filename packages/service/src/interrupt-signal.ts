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

/** Aborts on the first Ctrl-C or SIGTERM; the second ends the process at once. */
export function interruptSignal(source: SignalSource, now: () => number = () => performance.now()): AbortSignal {
  const interrupt = new AbortController()
  let firstMs = Number.NaN
  const onSignal = () => {
    if (!interrupt.signal.aborted) {
      firstMs = now()
      source.stderr.write('\ninterrupted: what is in hand is finished and reported; again stops at once\n')
      interrupt.abort()
    } else if (now() - firstMs > sameMs) source.exit(interrupted)
  }
  source.on('SIGINT', onSignal)
  source.on('SIGTERM', onSignal)
  return interrupt.signal
}
