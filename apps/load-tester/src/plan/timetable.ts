import { type Static, Type } from 'typebox'

/** A part of a timetable: messages a second at its begin and at its end, in between on a straight line. */
export const Stage = Type.Object(
  {
    durationMs: Type.Number({ exclusiveMinimum: 0 }),
    fromPerSecond: Type.Integer({ minimum: 1 }),
    toPerSecond: Type.Integer({ minimum: 1 }),
  },
  {
    additionalProperties: false,
    description: 'messages a second at its begin and its end, in between on a straight line',
  },
)
export type Stage = Static<typeof Stage>

/** When the messages of a run are due, whatever becomes of the ones before. */
export type Timetable = {
  /** @returns ms since the run's start until `messages` messages are to have been sent */
  dueMs(messages: number): number
}

/** How many messages the stages have room for. */
export function messagesIn(stages: readonly Stage[]): number {
  return Math.round(stages.reduce((sum, stage) => sum + sizeOf(stage), 0))
}

/** Stage follows upon stage; the last one's final rate goes on for ever. */
export function createTimetable(stages: readonly Stage[]): Timetable {
  const begins: { stage: Stage; atMs: number; messages: number }[] = []
  let atMs = 0
  let messages = 0
  for (const stage of stages) {
    begins.push({ stage, atMs, messages })
    atMs += stage.durationMs
    messages += sizeOf(stage)
  }
  const lastPerSecond = stages.at(-1)?.toPerSecond ?? 1
  const forEver = { durationMs: 1_000, fromPerSecond: lastPerSecond, toPerSecond: lastPerSecond }
  begins.push({ stage: forEver, atMs, messages })

  return {
    dueMs(messages) {
      const begin = begins.findLast((begin) => begin.messages <= messages)
      return begin === undefined ? 0 : begin.atMs + msInto(begin.stage, messages - begin.messages)
    },
  }
}

function sizeOf({ durationMs, fromPerSecond, toPerSecond }: Stage): number {
  return ((fromPerSecond + toPerSecond) / 2) * (durationMs / 1_000)
}

/**
 * How long a stage takes for its first `messages`: its rate's integral, from t × rate + t² × slope / 2, solved for t in
 * the form that also holds for a slope of 0.
 */
function msInto({ durationMs, fromPerSecond, toPerSecond }: Stage, messages: number): number {
  const slope = (toPerSecond - fromPerSecond) / (durationMs / 1_000)
  const rate = Math.sqrt(Math.max(fromPerSecond ** 2 + 2 * slope * messages, 0))
  return ((2 * messages) / (fromPerSecond + rate)) * 1_000
}
