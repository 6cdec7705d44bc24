import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What others find a running system by. It holds while process `pid` lives. */
export type SystemFile = {
  /** Of whoever keeps the system running. */
  pid: number
  /** ISO 8601. */
  startedAt: string
  databaseUrl: string
  /** `host:port`, several separated by commas. */
  kafkaBrokers: string
  apps: SystemApp[]
  /** PostgreSQL and Kafka, where they are processes of the system's own: postgres, kafka. */
  services: { name: string; pid: number }[]
  /** Where faults are ordered: see serve-faults.ts. */
  faults?: { url: string; token: string }
}

export type SystemApp = {
  /** The instance's name, as in its `/health/ready`: producer-1. */
  name: string
  /** http://127.0.0.1:5301 */
  url: string
  port: number
  pid: number
  logFile: string
}

/** Writes it at once as a whole: a reader finds the old one or the new one. */
export function writeSystemFile(file: string, system: SystemFile): void {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(system, null, 2)}\n`)
  renameSync(draft, file)
}
