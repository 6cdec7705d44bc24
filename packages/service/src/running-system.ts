import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What commands need of `.outbox/system.json`, which `npm start` writes. */
export type RunningSystem = {
  /** Of whoever keeps the system running. */
  pid: number
  databaseUrl: string
  /** `host:port`, several separated by commas. */
  kafkaBrokers: string
  /** Named producer-1, relay-1, consumer-1, and so on; with their process ids where they are processes of this machine. */
  apps: { name: string; url: string; pid?: number }[]
  /** PostgreSQL and Kafka, where they are processes of the system's own: postgres, kafka. */
  services?: { name: string; pid: number }[]
  /** Where faults are ordered. */
  faults?: { url: string; token: string }
}

/**
 * Where compose.yaml publishes the parts of a system in containers, unless .env says otherwise. A relay gets any port of its range,
 * be it the only one.
 */
export const composeSystem: Omit<RunningSystem, 'pid'> = {
  databaseUrl: 'postgres://outbox:outbox@127.0.0.1:5432/outbox',
  kafkaBrokers: '127.0.0.1:9092',
  apps: [5501, 5502, 5503, 5504, 5505].map((port) => ({ name: `relay at ${port}`, url: `http://127.0.0.1:${port}` })),
}

/** @returns undefined when `npm start` isn't running in `root` */
export function readRunningSystem(root: string): RunningSystem | undefined {
  try {
    const system: RunningSystem = JSON.parse(readFileSync(join(root, '.outbox', 'system.json'), 'utf8'))
    return lives(system.pid) ? system : undefined
  } catch {
    return undefined
  }
}

/** Where the apps of a kind are: producer, relay or consumer. */
export function urlsOf(kind: string, apps: readonly { name: string; url: string }[]): string[] {
  return apps.filter(({ name }) => name.startsWith(kind)).map(({ url }) => url)
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
