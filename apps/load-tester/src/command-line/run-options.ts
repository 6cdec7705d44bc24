import { type Static, Type } from 'typebox'

const whole = Type.Integer({ minimum: 1 })

/** How a run goes; kept with its record and its report. */
export const RunOptions = Type.Object(
  {
    messages: whole,
    batchSize: whole,
    concurrency: whole,
    keys: whole,
    topic: Type.String(),
    payloadBytes: whole,
  },
  { additionalProperties: false },
)
export type RunOptions = Static<typeof RunOptions>
