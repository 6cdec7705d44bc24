import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import { RunOptions } from '../command-line/run-options.ts'
import { UsagePart } from '../watch/run-sample.ts'
import { LatencySummary } from './latencies.ts'

const count = (description?: string) => Type.Integer({ minimum: 0, ...(description && { description }) })
/** At least 0. */
const amount = (description?: string) => Type.Number({ minimum: 0, ...(description && { description }) })
const text = (description?: string) => Type.String(description === undefined ? {} : { description })
/** Only one from whose points nothing is missing and to which nothing is added is a report. */
const exactly = <Properties extends TProperties>(properties: Properties, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description && { description }) })
const byName = <Value extends Parameters<typeof Type.Record>[1]>(value: Value, description: string) =>
  Type.Record(Type.String(), value, { description })

const percentOfSettled = Type.Number({ minimum: 0, maximum: 100, description: 'in percent of what was settled' })
const outcomes = { sent: count('answered 202'), failed: count(), unknown: count('took effect once or never') }

/** One producer's part. */
export const ProducerReport = exactly({
  name: text(),
  url: text(),
  healthy: Type.Boolean({ description: 'whether it answered, at the start or later' }),
  joinedAtMs: Type.Optional(amount("since the run's start; absent where it was there from the start")),
  ...outcomes,
  successRate: percentOfSettled,
  throughputPerSecond: amount(),
  latencyMs: LatencySummary,
  errors: byName(count(), 'how often each kind came from it, also where the batch was accepted in the end'),
})
export type ProducerReport = Static<typeof ProducerReport>

/** What can be wrong with a message in a group; the counts of a group have these names. */
export const findingKinds = ['lost', 'duplicated', 'outOfOrder', 'corrupt', 'foreign'] as const
export type FindingKind = (typeof findingKinds)[number]

const orNull = <Known extends TSchema>(known: Known, description: string) =>
  Type.Union([known, Type.Null()], { description })

/** A message that something is wrong with; null for what isn't known, or not of this run. */
export const MessageFinding = exactly({
  kind: Type.Enum([...findingKinds]),
  sequence: Type.Integer(),
  batch: orNull(count(), 'in which it was sent'),
  key: orNull(text(), 'as it was sent'),
  keySequence: orNull(count(), 'its number among those of its key'),
  messageId: orNull(text(), 'under which the outbox took it'),
  row: orNull(text(), "its row's id in the outbox, by which commands find it"),
  place: orNull(text(), 'where it stands in the log, while its tick is kept: log/shard/n.id'),
  seen: text('what showed it'),
  whereabouts: text("where the message is, and where the relay's and the group's positions stand"),
  lookAt: text('what to look at next'),
})
export type MessageFinding = Static<typeof MessageFinding>

/** One group's part. */
export const GroupReport = exactly({
  name: text(),
  received: count('different messages'),
  lost: count('messages that were answered 202 and have no effect'),
  duplicated: count('effects'),
  outOfOrder: count('messages'),
  corrupt: count('effects'),
  foreign: count('effects of what was never sent, or was refused'),
  replayed: count('wanted effects: of messages sent again, or given up by the group before'),
  findings: Type.Array(MessageFinding, { description: 'the first few messages of each kind that is not 0' }),
  latencyMs: LatencySummary,
})
export type GroupReport = Static<typeof GroupReport>

export const CurvePoint = exactly({
  percentile: Type.Number({ minimum: 0, maximum: 100, description: '99.99 and the like' }),
  ms: Type.Number(),
})
export type CurvePoint = Static<typeof CurvePoint>

/** The run at one moment: messages since its start, latencies and shares of a core since the point before. */
export const TimelinePoint = exactly({
  atMs: amount("since the run's start"),
  ...outcomes,
  inFlight: count('requests'),
  missedStarts: count('batches'),
  applied: byName(count(), 'what took effect, by group'),
  acceptMs: exactly({ p50: Type.Number(), p99: Type.Number(), max: Type.Number() }, 'since the point before'),
  usage: byName(
    exactly({ cpuShare: amount('of one core, since the point before'), memoryBytes: count() }),
    'by process or container',
  ),
})
export type TimelinePoint = Static<typeof TimelinePoint>

/** What a process or container used from the run's start to its end. */
export const ResourceReport = exactly({
  name: text(),
  part: UsagePart,
  cpuMs: amount(),
  cpuUsPerMessage: amount('microseconds for each message sent'),
  peakMemoryBytes: count(),
})
export type ResourceReport = Static<typeof ResourceReport>

/** A fault that was injected during the run. */
export const FaultReport = exactly({
  fault: text(),
  atMs: amount("since the run's start"),
  endedAtMs: amount("since the run's start"),
  problem: Type.Optional(text('why it could not be injected, or what did not hold')),
})
export type FaultReport = Static<typeof FaultReport>

/** What was asked for by `--threshold`. */
export const ThresholdReport = exactly({
  expression: text(),
  value: Type.Union([Type.Number(), Type.Null()], { description: 'null: not measured, and so missed' }),
  passed: Type.Boolean(),
})
export type ThresholdReport = Static<typeof ThresholdReport>

/** What a report says in the end; `threshold-missed`: the audit passed. */
export const Verdict = Type.Enum(['passed', 'failed', 'threshold-missed', 'interrupted'])
export type Verdict = Static<typeof Verdict>

/** The report as JSON. report.schema.json is made from it. */
export const Report = Type.Object(
  {
    runId: text(),
    scenario: text(),
    startedAt: text('ISO 8601'),
    finishedAt: text('ISO 8601'),
    options: RunOptions,
    totals: exactly({
      messages: count('to be sent'),
      ...outcomes,
      successRate: percentOfSettled,
      durationMs: amount('from the start to the last answer'),
      throughputPerSecond: amount('sent'),
    }),
    batches: exactly({ count: count(), latencyMs: LatencySummary }, 'requests: each counts once'),
    producers: Type.Array(ProducerReport),
    latencyMs: exactly(
      { accept: LatencySummary, publish: LatencySummary, endToEnd: LatencySummary },
      'by hop: from the send to the 202; from the append to Kafka; from the send to the effect',
    ),
    groups: Type.Array(GroupReport),
    drain: exactly({ durationMs: amount('from the last answer to the last effect') }),
    load: exactly(
      {
        model: Type.Enum(['closed', 'open']),
        warmUpMs: amount('left out of the latencies'),
        missedStarts: count('batches behind the timetable; 0 in a closed loop'),
        latestStartMs: amount('how far the latest of them was behind'),
      },
      'how the load was given',
    ),
    curves: exactly(
      {
        accept: Type.Array(CurvePoint),
        publish: Type.Array(CurvePoint),
        endToEnd: byName(Type.Array(CurvePoint), 'by group'),
      },
      'latencies, at most 100 points each',
    ),
    clocks: Type.Array(exactly({ name: text(), offsetMs: Type.Number(), uncertaintyMs: amount() }), {
      description: "how far a clock is ahead of the tester's, and how sure that is",
    }),
    timeline: Type.Array(TimelinePoint, { description: 'at most 600 points, further apart the longer the run lasts' }),
    resources: Type.Array(ResourceReport),
    resourcesMissing: Type.Optional(text('why some or all of them are missing, in a sentence')),
    tester: exactly(
      { isTheLimit: Type.Boolean(), loopDelayP99Ms: amount(), cpuShare: amount('of one core') },
      'whether the tester itself was what limited the run, and from what that is known',
    ),
    faults: Type.Array(FaultReport),
    thresholds: Type.Array(ThresholdReport),
    verdict: Verdict,
    reasons: Type.Array(text(), { description: "why it isn't passed, a sentence each" }),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Report of a load test',
    description: 'Times are in milliseconds, rates in percent.',
    additionalProperties: false,
  },
)
export type Report = Static<typeof Report>
