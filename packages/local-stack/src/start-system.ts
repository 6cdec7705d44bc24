import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPorts } from './check-ports.ts'
import { startGuardian } from './guardian.ts'
import { type Harmable, harmableApp } from './harmable.ts'
import { type App, becomeReady, type RunningApp, type RunningApps, runApps } from './run-apps.ts'
import { type FaultServer, serveFaults } from './serve-faults.ts'
import type { StackOptions } from './stack-options.ts'
import { startStack } from './start-stack.ts'
import { type SystemFile, writeSystemFile } from './system-file.ts'

/** The whole system, every app ready. Leaving the scope stops it, the apps first. */
export type System = AsyncDisposable & SystemFile & { running: readonly RunningApp[] }

export type SystemOptions = Omit<StackOptions, 'guardian' | 'serve'> & {
  apps: readonly App[]
  /** The environment that addresses and the apps' own settings are added to. */
  env: NodeJS.ProcessEnv
  /** Where others find the system: made when all apps run, written again when one was restarted, removed at the end. */
  file: string
  /** Services that are given and that this process runs all the same: they can be harmed as its own. */
  services?: readonly Harmable[]
  /** How long the apps may take to become ready, together, in ms. */
  readyMs?: number
}

/**
 * Starts PostgreSQL, Kafka and the apps, and keeps the apps running. Resolves when each says that it's ready.
 * @throws {LocalStackError} OUTBOX_PORT_TAKEN before anything is started; OUTBOX_APP_FAILED; else as `startStack`
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { apps, folder, file, report, readyMs = 120_000 } = options
  await checkPorts(apps)
  const guardian = startGuardian()
  await using started = new AsyncDisposableStack()
  const { databaseUrl, kafkaBrokers, ...stack } = started.use(await startStack({ ...options, guardian }))
  const services = [...stack.services, ...(options.services ?? [])]

  const beganAt = Date.now()
  const startedAt = new Date().toISOString()
  let running: RunningApps | undefined
  let faults: FaultServer | undefined
  const describe = (): SystemFile => ({
    pid: process.pid,
    startedAt,
    databaseUrl,
    kafkaBrokers,
    apps: (running?.apps ?? []).map(({ name, url, app, pid, logFile }) => ({
      name,
      url,
      port: app.port,
      pid,
      logFile,
    })),
    services: services.map(({ name, pid }) => ({ name, pid })),
    ...(faults !== undefined && { faults: { url: faults.url, token: faults.token } }),
  })
  const write = () => writeSystemFile(file, describe())
  const env = { ...options.env, DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers }
  const logFolder = join(folder, 'logs')
  running = started.use(await runApps({ apps, logFolder, env, guardian, report, onRestart: write }))
  const parts = [...running.apps.map(harmableApp), ...services]
  faults = started.use(await serveFaults({ parts, onOver: write }))
  started.defer(() => rm(file, { force: true }))
  write()
  await becomeReady(running.apps, readyMs)
  report(`${apps.length} apps ready (${((Date.now() - beganAt) / 1_000).toFixed(1)} s)`)
  const resources = started.move()
  return { ...describe(), running: running.apps, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
