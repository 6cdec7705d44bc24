import type { Socket } from 'node:net'
import type { Guardian } from './guardian.ts'

export type StackOptions = {
  /** Holds data and logs of plain processes; claimed for as long as the stack is up. */
  folder: string
  /** Told each step in a line, with its seconds. */
  report: (line: string) => void
  /** Services that are up already: they are used, and never stopped. */
  given?: { databaseUrl?: string | undefined; kafkaBrokers?: string | undefined }
  /** Ports to use instead of free ones; `kafkaAdvertised` is what clients are told when a proxy stands before Kafka. */
  ports?: { postgres?: number; kafka?: number; kafkaAdvertised?: number }
  /** For tests: begins with empty services, which needn't outlast a crash of the machine. */
  throwAway?: boolean
  /** A database to make if it's missing, and to use; not where a URL is given. */
  database?: string
  /** Java's folder (JAVA_HOME), if not the one on the PATH. */
  javaHome?: string | undefined
  guardian?: Guardian
  /** Is given each connection to the folder's owner, after the greeting. */
  serve?: (socket: Socket) => void
}
