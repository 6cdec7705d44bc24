import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** An app of the running system. */
const App = Type.Object({ name: Type.String(), url: Type.String() })

/** What the tester needs of `.outbox/system.json`, which `npm start` writes. */
const RunningSystem = Type.Object({
  /** Of whoever keeps the system running. */
  pid: Type.Integer({ minimum: 1 }),
  databaseUrl: Type.String(),
  /** Named producer-1, relay-1, consumer-1, and so on. */
  apps: Type.Array(App),
})
export type RunningSystem = Static<typeof RunningSystem>

/** @returns undefined when `npm start` isn't running in `root` */
export function readRunningSystem(root: string): RunningSystem | undefined {
  try {
    const system: unknown = JSON.parse(readFileSync(join(root, '.outbox', 'system.json'), 'utf8'))
    return Value.Check(RunningSystem, system) && lives(system.pid) ? system : undefined
  } catch {
    return undefined
  }
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
