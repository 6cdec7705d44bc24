import { setTimeout as sleep } from 'node:timers/promises'
import type { EffectCounts } from '../audit/wait-for-effects.ts'
import type { Report } from '../report/report.ts'
import type { SettledBatch } from '../send/settled-batch.ts'
import { freshWithin } from './fresh-within.ts'
import type { RunDisplay } from './run-display.ts'
import type { RunSample } from './run-sample.ts'
import { createSampler, type SampledLoad, type SampledRun } from './sample-run.ts'
import { createTimeline } from './timeline.ts'

/** A run to watch, and where it is shown. */
export type RunToWatch = SampledRun & {
  phase: 'sending' | 'applying'
  /** The groups that are to apply the run, as far as they are known. */
  groups: readonly string[]
  /** Effects so far; asked while messages are sent. Whoever waits for them afterwards says what it has seen. */
  readApplied: () => Promise<EffectCounts>
  display: RunDisplay
}

/** What is to be seen of a run as a whole. */
export type Watched = SampledLoad & Pick<Report, 'timeline'>

/** Looks at a run about once a second. */
export type RunWatch = {
  /** Says something that is to stay. */
  note(text: string): void
  /** A batch was settled; called for each, so it costs next to nothing. */
  settled(batch: SettledBatch): void
  /** Everything is sent, and so much took effect by now. */
  applied(counts: EffectCounts, waiting: RunSample['waiting']): void
  /** All that is awaited took effect; what follows is no part of the run any more. */
  auditing(): void
  /** Ends the display, too. May be called again. */
  end(): Promise<Watched>
}

const everyMs = 1_000
/** How long a look waits for what took effect until now, before it takes what the last look knew. */
const freshMs = 250

/** Begins to watch; the run's time begins now. */
export function watchRun(run: RunToWatch): RunWatch {
  const over = new AbortController()
  const timeline = createTimeline()
  const sampler = createSampler(run)
  const readApplied = freshWithin(run.readApplied, freshMs)
  let phase = run.phase as RunSample['phase']
  let applied: EffectCounts = new Map(run.groups.map((group) => [group, 0]))
  let waiting: RunSample['waiting']

  /** @param isFirst nothing can have taken effect yet */
  async function look(isFirst = false): Promise<void> {
    const now = phase === 'sending' && !isFirst ? await readApplied() : undefined
    // All may have been sent meanwhile, and more be known.
    if (now !== undefined && phase === 'sending') applied = now
    const sample = await sampler.sample({ phase, applied, waiting })
    timeline.add(sample)
    run.display.show(sample)
  }

  // One after the other, also where the last one is due while another is being made.
  let looking = look(true)
  const lookNext = () => {
    looking = looking.then(() => look())
    return looking
  }
  const watching = (async () => {
    while (!over.signal.aborted) {
      await sleep(everyMs, undefined, { signal: over.signal }).catch(() => {})
      if (!over.signal.aborted && phase !== 'auditing') await lookNext()
    }
  })()

  let ended: Promise<Watched> | undefined
  const end = async () => {
    over.abort()
    await watching
    if (phase !== 'auditing') void lookNext()
    await looking
    run.display.end()
    return { timeline: timeline.points(), ...(await sampler.end()) }
  }

  return {
    note: (text) => run.display.note(text),
    settled: sampler.settled,
    applied(counts, stillWaiting) {
      sampler.endSending()
      phase = 'applying'
      applied = counts
      waiting = stillWaiting
    },
    auditing() {
      phase = 'auditing'
      void lookNext()
    },
    end() {
      ended ??= end()
      return ended
    },
  }
}
