import { childPids } from '@outbox/processes/child-pids'
import type { KafkaProcess } from './kafka-process.ts'
import type { PostgresProcess } from './postgres-process.ts'
import type { SupervisedProcess } from './supervise-process.ts'

/** A part of the system that may be harmed, as it is run by this process. */
export type Harmable = {
  /** relay-1, postgres, kafka */
  name: string
  /** Another one after each start. */
  readonly pid: number
  /** All that must stand still for it to stand still. */
  pids(): number[]
  /** Ends it, as by a crash or in good order, and keeps it down. */
  takeDown(how: 'kill' | 'stop'): Promise<unknown>
  /** Starts it again. */
  bringUp(): Promise<void>
}

/** An app under supervision. */
export function harmableApp(app: SupervisedProcess): Harmable {
  return {
    name: app.name,
    get pid() {
      return app.pid
    },
    pids: () => [app.pid],
    takeDown: (how) => app.hold(how),
    bringUp: async () => app.release(),
  }
}

/** PostgreSQL; a crash is an immediate stop, which leaves recovery to the next start. */
export function harmablePostgres(postgres: PostgresProcess): Harmable {
  return {
    name: 'postgres',
    get pid() {
      return postgres.pid
    },
    pids() {
      // Without its backends the server would go on with all the connections that it has.
      if (process.platform !== 'linux') throw new Error('PostgreSQL can be paused on Linux only')
      return [postgres.pid, ...childPids(postgres.pid)]
    },
    takeDown: (how) => postgres.stop(how === 'kill' ? 'immediate' : 'fast'),
    bringUp: () => postgres.start(),
  }
}

/** Kafka. */
export function harmableKafka(kafka: KafkaProcess): Harmable {
  return {
    name: 'kafka',
    get pid() {
      return kafka.pid
    },
    pids: () => [kafka.pid],
    takeDown: (how) => (how === 'kill' ? kafka.kill() : kafka.stop()),
    bringUp: () => kafka.start(),
  }
}
