import { UsageError } from '../command-line/usage-error.ts'
import type { Tester } from '../tester.ts'
import { createJsonLines } from './json-lines.ts'
import { createLivePanel } from './live-panel.ts'
import { panelLines } from './panel-lines.ts'
import { createPlainLines } from './plain-lines.ts'
import type { ProgressKind } from './progress-kind.ts'
import type { RunDisplay } from './run-display.ts'
import { createRunPace } from './run-pace.ts'

/** What somebody must know who waits for the end of what can't be left halfway. */
const interruptedNote = 'interrupted: what is in hand is finished and reported; again stops at once'

/**
 * Shows a run on standard error, notes in any case.
 * @param title which run it is
 */
export function createDisplay(tester: Tester, kind: ProgressKind, title: string): RunDisplay {
  const { stderr, signal } = tester
  const display = displayOf(tester, kind === 'auto' ? usualKind(stderr) : kind, title)
  const onInterrupt = () => display.note(interruptedNote)
  signal.addEventListener('abort', onInterrupt, { once: true })
  return {
    ...display,
    end() {
      signal.removeEventListener('abort', onInterrupt)
      display.end()
    },
  }
}

function displayOf(
  { stderr, progressPaint: paint }: Tester,
  kind: Exclude<ProgressKind, 'auto'>,
  title: string,
): RunDisplay {
  const paceOf = createRunPace()
  switch (kind) {
    case 'panel':
      return createLivePanel(stderr, (sample) => {
        const pace = paceOf(sample)
        return (size) => panelLines({ title, sample, pace }, { ...size, paint })
      })
    case 'json':
      return createJsonLines(stderr)
    case 'lines':
      return createPlainLines(stderr, paceOf)
    case 'none':
      return { ...createPlainLines(stderr, paceOf), show() {} }
  }
}

/** Whether a display shows the latencies of the hops, which cost the apps something to tell. */
export function showsHops({ stderr }: Tester, kind: ProgressKind): boolean {
  return ['panel', 'json'].includes(kind === 'auto' ? usualKind(stderr) : kind)
}

/** @throws {UsageError} for a panel without a terminal */
export function expectShowable({ stderr }: Tester, kind: ProgressKind): void {
  if (kind === 'panel' && stderr.isTTY !== true)
    throw new UsageError('--progress panel: standard error is not a terminal; give lines or json.')
}

function usualKind({ isTTY }: Tester['stderr']): 'panel' | 'lines' {
  return isTTY === true ? 'panel' : 'lines'
}
