import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Guardian } from './guardian.ts'
import { lastLogLines } from './last-log-lines.ts'
import { LocalStackError } from './local-stack-error.ts'
import { type SupervisedProcess, superviseProcess } from './supervise-process.ts'

/** An app of the system: `node PROGRAM`, with its settings in the environment. */
export type App = {
  /** Its instance's name: producer-1. */
  name: string
  port: number
  program: string
  settings: Readonly<Record<string, string>>
}

export type RunningApp = SupervisedProcess & { app: App; url: string; logFile: string }

/** The apps, running. Leaving the scope stops them, all at the same time. */
export type RunningApps = AsyncDisposable & { apps: RunningApp[] }

export type AppsOptions = {
  apps: readonly App[]
  /** Gets each app's log as `NAME.log`. */
  logFolder: string
  /** The environment that the apps' own settings are added to. */
  env: NodeJS.ProcessEnv
  guardian: Guardian
  report: (line: string) => void
  /** Told when an app was started again. */
  onRestart: () => void
}

const HOST = '127.0.0.1'
const READY_POLL_MS = 100
const ANSWER_MS = 2_000
// The apps give themselves 9 s for an orderly stop.
const STOP_MS = 12_000

// V8 lets the young generation grow to 3 × 32 MB, which nothing here gains by: 420 instead of 280 MB for a busy relay.
const NODE_FLAGS = ['--max-semi-space-size=16']

/** Starts the apps under supervision, each as `node PROGRAM` with PORT, HOST, INSTANCE and its settings. */
export async function runApps(options: AppsOptions): Promise<RunningApps> {
  const { logFolder, env, guardian, report, onRestart } = options
  await mkdir(logFolder, { recursive: true })
  const apps: RunningApp[] = []
  for (const app of options.apps) {
    const logFile = join(logFolder, `${app.name}.log`)
    const supervised = await superviseProcess({
      name: app.name,
      command: process.execPath,
      args: [...NODE_FLAGS, app.program],
      env: { ...env, ...app.settings, PORT: String(app.port), HOST, INSTANCE: app.name },
      logFile,
      ending: { signal: 'SIGTERM', graceMs: STOP_MS },
      guardian,
      report,
      onRestart,
    })
    apps.push(Object.assign(supervised, { app, logFile, url: `http://${HOST}:${app.port}` }))
  }
  return {
    apps,
    async [Symbol.asyncDispose]() {
      await Promise.all(apps.map((app) => app[Symbol.asyncDispose]()))
    },
  }
}

/**
 * Waits until each app answers 200 to `/health/ready`.
 * @throws {LocalStackError} OUTBOX_APP_FAILED when one is set up wrongly, or isn't ready in time; with its last log line
 */
export async function becomeReady(apps: readonly RunningApp[], withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs
  const becomesReady = async (app: RunningApp) => {
    while (!(await isReady(app))) {
      if (!app.kept || Date.now() > deadline) {
        const what = app.kept ? `is not ready after ${withinMs / 1_000} s` : 'does not run'
        const log = await lastLogLines(app.logFile, 1)
        throw new LocalStackError('OUTBOX_APP_FAILED', `${app.name} ${what}; the end of ${app.logFile}:\n${log}`)
      }
      await sleep(READY_POLL_MS)
    }
  }
  await Promise.all(apps.map(becomesReady))
}

async function isReady({ url, name }: RunningApp): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const { instance } = (await answer.json()) as { instance?: unknown }
    return answer.ok && instance === name
  } catch {
    return false
  }
}
