import { type Static, type TProperties, Type } from 'typebox'

const exactly = <Properties extends TProperties>(properties: Properties, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description && { description }) })
const amount = (description: string) => Type.Number({ minimum: 0, description })
const whole = (description: string) => Type.Integer({ minimum: 0, description })

/** A run at one rate, and whether the system kept up with it. */
export const SaturationStep = exactly({
  runId: Type.String({ description: 'by which it can be audited again' }),
  rate: whole('messages a second, on a timetable'),
  batchSize: whole('messages a request'),
  sentPerSecond: amount('accepted'),
  acceptMs: exactly({ mean: amount('mean'), p99: amount('99 times of 100') }, 'from the intended send to the 202'),
  endToEndMs: exactly(
    { p50: amount('half the times'), p99: amount('99 times of 100') },
    'to the effect, in all groups',
  ),
  backlogPerSecond: Type.Number({ description: 'by how much the slowest group fell behind, in messages a second' }),
  missedStarts: whole('batches behind the timetable'),
  holds: Type.Boolean(),
  reasons: Type.Array(Type.String(), { description: "why it doesn't hold, a sentence each" }),
})
export type SaturationStep = Static<typeof SaturationStep>

/** What the tester found out about a system's limit, as JSON. saturation.schema.json is made from it. */
export const SaturationReport = Type.Object(
  {
    kind: Type.Literal('saturation'),
    startedAt: Type.String({ description: 'ISO 8601' }),
    finishedAt: Type.String({ description: 'ISO 8601' }),
    probe: exactly(
      {
        runId: Type.String(),
        sentPerSecond: amount('accepted, as fast as answers came'),
        appliedPerSecond: amount('until the last effect in the slowest group'),
      },
      'a closed loop before the first step, to know where to begin',
    ),
    steps: Type.Array(SaturationStep, { description: 'in the order in which they were tried' }),
    highestRate: whole('messages a second that held; 0: none did'),
    trials: Type.Array(SaturationStep, { description: 'other batch sizes, at nine tenths of the highest rate' }),
    suggestion: Type.Union(
      [
        exactly({
          rate: whole('messages a second: nine tenths of the highest'),
          batchSize: whole('the smallest that is no slower than the best by more than a fifth'),
          concurrency: whole("requests in flight, by Little's law from the p99 of accept"),
          why: Type.String(),
        }),
        Type.Null(),
      ],
      { description: 'null where no rate held' },
    ),
    verdict: Type.Enum(['passed', 'failed', 'threshold-missed', 'interrupted']),
    reasons: Type.Array(Type.String(), { description: "why it isn't passed, a sentence each" }),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Saturation of a system',
    description: 'Times are in milliseconds, rates in messages a second.',
    additionalProperties: false,
  },
)
export type SaturationReport = Static<typeof SaturationReport>
