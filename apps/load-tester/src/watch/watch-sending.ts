import { composeSystem, type RunningSystem, urlsOf } from '@outbox/service/running-system'
import { lastsMs } from '../command-line/lasts-ms.ts'
import type { Settings } from '../command-line/read-options.ts'
import type { RunOptions } from '../command-line/run-options.ts'
import type { Tester } from '../tester.ts'
import { showsHops } from './create-display.ts'
import { type HopApps, watchHops } from './hops/watch-hops.ts'
import type { SampledRun } from './sample-run.ts'
import { findUsage } from './usage/find-usage.ts'
import { startUsageMeter } from './usage/usage-meter.ts'
import { type RunToWatch, type RunWatch, watchRun } from './watch-run.ts'

/** A run that is about to be sent. */
export type SendingToWatch = Omit<RunToWatch, 'phase' | 'usage' | 'hops' | 'extent'> & {
  options: RunOptions
  settings: Pick<Settings, 'progress'>
  /** Where its consumers are, if that was said. */
  consumers: readonly string[] | undefined
  /** The system that is sent to, as it is now, where it runs on this machine under `npm start`. */
  running: () => RunningSystem | undefined
}

/** Begins to watch a run: what it is sent to is found out from where the system runs. The run's time begins when this resolves. */
export async function watchSending(tester: Tester, sending: SendingToWatch): Promise<RunWatch> {
  const { running, settings, options, consumers } = sending
  const dockerHost = tester.env.DOCKER_HOST
  const usage = await startUsageMeter(await findUsage({ running, dockerHost, platform: process.platform }))
  const hops = showsHops(tester, settings.progress) ? watchHops(hopApps(running(), consumers)) : undefined
  return watchRun({
    ...sending,
    phase: 'sending',
    usage,
    hops,
    extent: extentOf(options),
  })
}

function extentOf(options: RunOptions): SampledRun['extent'] {
  const given = lastsMs(options)
  return { messages: options.messages, ...(given !== undefined && { lastsMs: given }) }
}

const usualConsumers = [5_401, 5_402, 5_403, 5_404, 5_405, 5_406].map((port) => `http://127.0.0.1:${port}`)

function hopApps(running: RunningSystem | undefined, named: readonly string[] | undefined): HopApps {
  const consumers = named ?? (running === undefined ? usualConsumers : urlsOf('consumer', running.apps))
  return { relays: urlsOf('relay', (running ?? composeSystem).apps), consumers }
}
