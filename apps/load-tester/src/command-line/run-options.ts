import { type Static, Type } from 'typebox'
import { Stage } from '../plan/timetable.ts'

const whole = Type.Integer({ minimum: 1 })
const optional = (what: typeof whole, description: string) => Type.Optional(Type.Integer({ ...what, description }))

/** How a run goes; kept with its record and its report. */
export const RunOptions = Type.Object(
  {
    messages: optional(whole, 'absent where a closed loop goes on for a time'),
    batchSize: whole,
    concurrency: whole,
    keys: whole,
    topic: Type.String(),
    keySkew: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 3, description: 'exponent of the Zipf distribution of the keys' }),
    ),
    payloadBytes: whole,
    payloadBytesMax: optional(whole, 'where sizes are anything from payloadBytes up to it'),
    payloads: Type.Optional(Type.String({ description: 'file with the payloads, instead of made ones' })),
    stages: Type.Optional(Type.Array(Stage, { description: 'the timetable of an open loop' })),
    durationMs: optional(whole, 'how long a closed loop goes on; absent where its messages are counted'),
    warmUpMs: optional(whole, 'what is sent so early is left out of latencies and throughput'),
  },
  { additionalProperties: false },
)
export type RunOptions = Static<typeof RunOptions>
