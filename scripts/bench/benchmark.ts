import type { Measured } from './measured.ts'

/** What a benchmark works with. */
export type Bench = {
  /** A PostgreSQL in which databases may be made. */
  databaseUrl: string
  kafkaBrokers: string
  /** How many messages, if not the benchmark's own number. */
  messages: number | undefined
  env: NodeJS.ProcessEnv
  /** Says in a line what is being done. */
  report: (line: string) => void
  signal: AbortSignal
}

/** Measures something, in a database and topics of its own, which it removes again. */
export type Benchmark = (bench: Bench) => Promise<Measured[]>
