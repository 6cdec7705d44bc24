import type { Settings } from '../command-line/read-options.ts'
import type { RunOptions } from '../command-line/run-options.ts'
import type { RunTotals } from '../record/run-totals.ts'
import { createSendState } from '../send/send-state.ts'
import type { Tester } from '../tester.ts'
import { createDisplay } from './create-display.ts'
import { startUsageMeter } from './usage/usage-meter.ts'
import { type RunWatch, watchRun } from './watch-run.ts'

/** A run that was sent some time ago. */
export type SentToWatch = {
  runId: string
  totals: RunTotals
  options: RunOptions
  settings: Pick<Settings, 'progress'>
}

/** Shows how the effects of an earlier run are waited for; of how that run itself went this tells nothing. */
export async function watchWaiting(
  tester: Tester,
  { runId, totals, options, settings }: SentToWatch,
): Promise<Omit<RunWatch, 'end'> & { end(): Promise<undefined> }> {
  const usage = await startUsageMeter({ read: async () => [], missing: undefined, close: async () => {} })
  const watch = watchRun({
    ...{ totals, usage },
    phase: 'applying',
    groups: [],
    state: createSendState(),
    extent: { messages: options.messages ?? totals.counts.sent },
    messagesOf: () => 0,
    readApplied: async () => new Map(),
    hops: undefined,
    display: createDisplay(tester, settings.progress, `audit ${runId}`),
  })
  return {
    ...watch,
    async end() {
      await watch.end()
    },
  }
}
