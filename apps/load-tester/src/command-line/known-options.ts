/** What a number may be. */
export type NumberRange = { min: number; max: number }

/** An option as the command line knows it; `number` for those that are whole numbers. */
export type KnownOption = {
  value: string | undefined
  help: string
  number?: NumberRange
  short?: string
  /** May be given several times. */
  repeatable?: true
}

/** Every option, in the order of the help. */
export const knownOptions = {
  messages: { value: 'N', help: 'how many messages', number: { min: 1, max: 100_000_000 } },
  'batch-size': { value: 'N', help: 'messages a request', number: { min: 1, max: 10_000 } },
  concurrency: {
    value: 'N',
    help: 'requests in flight; on a timetable at most so many (those of 10 s, up to 1,000)',
    number: { min: 1, max: 1_000 },
  },
  rate: {
    value: 'N',
    help: 'messages a second on a fixed timetable, latencies from the intended time',
    number: { min: 1, max: 1_000_000 },
  },
  duration: {
    value: 'S',
    help: 'seconds until the run ends, instead of --messages',
    number: { min: 1, max: 86_400 },
  },
  stages: { value: 'S:N,S:N-N', help: 'a timetable in stages: 10s:1000,2m:1000-5000 holds one rate, then ramps up' },
  'warm-up': {
    value: 'S',
    help: 'seconds at the start that are audited, but left out of latencies and throughput',
    number: { min: 1, max: 3_600 },
  },
  topic: { value: 'T', help: 'topic of the messages (shared-events)' },
  keys: { value: 'N', help: 'different keys (1,000)', number: { min: 1, max: 1_000_000 } },
  'key-skew': { value: 'S', help: 'how unevenly keys occur: exponent of a Zipf distribution, 0 to 3 (0)' },
  'payload-bytes': {
    value: 'N or A-B',
    help: 'size of a payload, or two bounds of it (256)',
    number: { min: 32, max: 8_388_608 },
  },
  payloads: { value: 'FILE', help: 'real payloads, used in turn: a JSON value a line' },
  producers: { value: 'URL,URL', help: 'where to send to; default: those of the running system' },
  consumers: { value: 'URL,URL', help: 'where to ask for their figures; default: those of the running system' },
  'database-url': { value: 'URL', help: "PostgreSQL with the ledger, for the audit; default: the running system's" },
  'run-id': { value: 'ID', help: 'name of the run; default: one made from the time' },
  'audit-timeout': {
    value: 'S',
    help: 'seconds without progress in any group until what is missing is lost (120)',
    number: { min: 1, max: 86_400 },
  },
  threshold: {
    value: 'EXPR',
    help: 'what the run must keep to, such as endToEnd.p99<250; may be given several times',
    repeatable: true,
  },
  json: { value: 'FILE', help: 'write the report there as JSON, too' },
  html: { value: 'FILE', help: 'write it there as one page with figures, which needs no network' },
  progress: { value: 'KIND', help: 'auto (a panel on a terminal, lines elsewhere), panel, lines, json, none' },
  fault: {
    value: 'HARM:PART@TIME',
    help: 'kill, pause or stop a part of the local system: kill:relay@30s, pause:consumer@30s+10s; may be repeated',
    repeatable: true,
  },
  verbose: { value: undefined, help: 'say what is sent again, and why' },
  help: { value: undefined, help: 'show this', short: 'h' },
} as const satisfies Record<string, KnownOption>

export type OptionName = keyof typeof knownOptions

/** The options that were given: the values of each in their order, `true` for one that takes none. */
export type GivenOptions = ReadonlyMap<OptionName, readonly (string | true)[]>
