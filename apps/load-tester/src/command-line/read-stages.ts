import type { Stage } from '../plan/timetable.ts'
import { wholeNumber } from './given-values.ts'
import { knownOptions } from './known-options.ts'
import { UsageError } from './usage-error.ts'

const mostStages = 100
const secondsIn = { s: 1, m: 60 }

/**
 * Reads `10s:1000,30s:1000-5000`: each stage its time and its rate, from one to another where two are given.
 * @throws {UsageError} for the first stage that is wrong
 */
export function readStages(text: string): Stage[] {
  const stages = text.split(',').map((stage) => readStage(stage.trim()))
  if (stages.length > mostStages)
    throw new UsageError(`--stages has ${stages.length} stages: give at most ${mostStages}.`)
  return stages
}

function readStage(text: string): Stage {
  const [, time = '', unit, from = '', to = from] = /^([0-9]+)([sm]):([0-9]+)(?:-([0-9]+))?$/.exec(text) ?? []
  const { number: duration } = knownOptions.duration
  const { number: rate } = knownOptions.rate
  const seconds = wholeNumber(time, duration)
  const fromPerSecond = wholeNumber(from, rate)
  const toPerSecond = wholeNumber(to, rate)
  if (seconds === undefined || fromPerSecond === undefined || toPerSecond === undefined)
    throw new UsageError(
      `--stages ${text}: give time:rate, such as 10s:1000, or 2m:1000-5000 for a ramp; rates from ${rate.min} to ${rate.max}.`,
    )
  const durationMs = seconds * (unit === 'm' ? secondsIn.m : secondsIn.s) * 1_000
  if (durationMs > duration.max * 1_000)
    throw new UsageError(`--stages ${text}: a stage takes at most ${duration.max} seconds.`)
  return { durationMs, fromPerSecond, toPerSecond }
}
