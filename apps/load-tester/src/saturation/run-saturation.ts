import { writeFile } from 'node:fs/promises'
import type { Settings } from '../command-line/read-options.ts'
import type { RunOptions } from '../command-line/run-options.ts'
import { latency, whole } from '../report/numbers.ts'
import type { Report } from '../report/report.ts'
import { expectWritable } from '../report/write-files.ts'
import { runLoadTest } from '../run-load-test.ts'
import { looksOf, type Tester } from '../tester.ts'
import { createDisplay } from '../watch/create-display.ts'
import { judgeStep } from './judge-step.ts'
import { highestHeld, nextRate } from './next-rate.ts'
import type { SaturationReport, SaturationStep } from './saturation-report.ts'
import { saturationText } from './saturation-text.ts'
import { suggest, suggestedShare } from './suggest.ts'

/** A load of the search; without a rate it is as fast as answers come. */
export type SearchLoad = { rate?: number; seconds: number; batchSize: number }

/** `batchSizeGiven`: the command line names the only one, whatever `optionsOf` is asked for. */
export type Saturation = {
  optionsOf: (load: SearchLoad) => RunOptions
  batchSizeGiven: boolean
  settings: Settings
}

/** How long each part takes. */
export type SearchLengths = { probeSeconds: number; stepSeconds: number; trialSeconds: number; mostSteps: number }

const usualLengths: SearchLengths = { probeSeconds: 5, stepSeconds: 8, trialSeconds: 5, mostSteps: 7 }
const precision = 1.1
const batchSizes = [10, 100, 500]

/** What is known so far. */
type Known = Pick<SaturationReport, 'probe' | 'steps' | 'trials'>

/**
 * Finds the highest rate that the system keeps up with: a closed loop tells where to begin, then steps on a timetable bisect. Each is
 * a run of its own, which is audited, and begins when the one before took effect as a whole.
 * @throws what a run throws that can't begin
 */
export async function runSaturation(
  tester: Tester,
  saturation: Saturation,
  lengths: SearchLengths = usualLengths,
): Promise<SaturationReport> {
  const { settings } = saturation
  await expectWritable(settings)
  const startedAt = new Date().toISOString()
  const display = createDisplay(tester, settings.progress, 'saturation')
  const known: Known = { probe: { runId: '', sentPerSecond: 0, appliedPerSecond: 0 }, steps: [], trials: [] }
  const runs = createRuns(tester, saturation, (text) => display.note(text))
  let ended: RunEnded | undefined
  try {
    await search(known, runs, { ...lengths, batchSizeGiven: saturation.batchSizeGiven })
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error
    ended = error
  } finally {
    display.end()
  }
  const report = conclude(known, startedAt, ended)
  tester.stdout.write(saturationText(report, looksOf(tester)))
  if (settings.json !== undefined) await writeFile(settings.json, `${JSON.stringify(report, undefined, 2)}\n`)
  return report
}

async function search(
  known: Known,
  runs: Runs,
  { batchSizeGiven, probeSeconds, stepSeconds, trialSeconds, mostSteps }: SearchLengths & { batchSizeGiven: boolean },
): Promise<void> {
  known.probe = await runs.probe({ seconds: probeSeconds, batchSize: usualBatchSize })
  const first = Math.min(known.probe.sentPerSecond, known.probe.appliedPerSecond)
  for (;;) {
    const rate = nextRate(known.steps, { first, precision, mostSteps })
    if (rate === undefined) break
    known.steps.push(await runs.step({ rate, seconds: stepSeconds, batchSize: batchSizeAt(rate) }))
  }
  const suggested = Math.floor(highestHeld(known.steps) * suggestedShare)
  if (suggested < 1) return
  for (const batchSize of batchSizeGiven ? [usualBatchSize] : batchSizesAt(suggested))
    known.trials.push(await runs.step({ rate: suggested, seconds: trialSeconds, batchSize }))
}

const usualBatchSize = 100
/** So that a rate is one, and not a batch now and then. */
const batchesPerSecond = 20

function batchSizeAt(rate: number): number {
  return Math.max(1, Math.min(usualBatchSize, Math.floor(rate / batchesPerSecond)))
}

function batchSizesAt(rate: number): number[] {
  const fitting = batchSizes.filter((size) => size * batchesPerSecond <= rate)
  return fitting.length > 0 ? fitting : [batchSizeAt(rate)]
}

type Runs = {
  probe(load: { seconds: number; batchSize: number }): Promise<Known['probe']>
  step(load: Required<SearchLoad>): Promise<SaturationStep>
}

/** A run that ends the search: its audit failed, or it was interrupted. */
class RunEnded extends Error {
  override name = 'RunEnded'
  readonly report: Report
  constructor(report: Report) {
    super(`run ${report.runId} ${report.verdict}`)
    this.report = report
  }
}

function createRuns(tester: Tester, { optionsOf, settings }: Saturation, note: (text: string) => void): Runs {
  // Of a dozen reports nobody reads one: what counts of each is a line.
  const quiet = { ...tester, stdout: { write: () => {} } }
  async function run(load: SearchLoad): Promise<Report> {
    const ofRun = { scenario: 'saturation', options: optionsOf(load), settings: { ...settings, json: undefined } }
    const report = await runLoadTest(quiet, ofRun)
    if (report.verdict === 'failed' || report.verdict === 'interrupted') throw new RunEnded(report)
    return report
  }
  return {
    async probe(load) {
      const { runId, totals, drain } = await run(load)
      const appliedPerSecond = Math.round(totals.sent / ((totals.durationMs + drain.durationMs) / 1_000))
      note(`closed loop: ${whole(totals.throughputPerSecond)}/s accepted, ${whole(appliedPerSecond)}/s took effect`)
      return { runId, sentPerSecond: totals.throughputPerSecond, appliedPerSecond }
    },
    async step(load) {
      const { rate, seconds } = load
      const step = judgeStep(await run(load), { rate, durationMs: seconds * 1_000 })
      const verdict = step.holds ? 'holds' : `is too much: ${step.reasons.join(', ')}`
      note(`${whole(rate)}/s by ${step.batchSize} ${verdict}; end to end p99 ${latency(step.endToEndMs.p99)}`)
      return step
    },
  }
}

function conclude(known: Known, startedAt: string, ended: RunEnded | undefined): SaturationReport {
  const highestRate = highestHeld(known.steps)
  const reasons = ended?.report.reasons.map((reason) => `run ${ended.report.runId}: ${reason}`) ?? []
  const nothingHeld = highestRate === 0 ? ['no rate held'] : []
  const verdict = ended?.report.verdict ?? (highestRate === 0 ? 'threshold-missed' : 'passed')
  return {
    kind: 'saturation',
    startedAt,
    finishedAt: new Date().toISOString(),
    ...known,
    highestRate,
    suggestion: suggest(Math.floor(highestRate * suggestedShare), known.trials),
    verdict,
    reasons: ended === undefined ? nothingHeld : reasons,
  }
}
