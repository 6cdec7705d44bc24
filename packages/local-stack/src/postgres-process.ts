import { execFile } from 'node:child_process'
import { readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { endLeftover } from './end-leftover.ts'
import { freePort } from './free-port.ts'
import { type Guardian, startGuardian } from './guardian.ts'
import { lastLogLines } from './last-log-lines.ts'
import { LocalStackError } from './local-stack-error.ts'
import { postgresAnswers } from './postgres-answers.ts'
import { type PostgresHome, postgresHome } from './postgres-home.ts'
import { postgresSettings, settingArguments } from './postgres-settings.ts'
import { becomesReady, type ServiceProcess, startService } from './service-process.ts'
import { spawnGuarded } from './spawn-guarded.ts'

/** A PostgreSQL 18 of one's own: superuser `postgres`, no password, reached from this machine only. */
export type PostgresProcess = ServiceProcess & {
  url: string
  port: number
  logFile: string
  /** As pg_ctl does: smart waits for clients to leave, fast (the default) rolls back, immediate crashes. */
  stop(mode?: keyof typeof STOP_SIGNALS): Promise<void>
}

export type PostgresOptions = {
  /** Holds data and log; the data that an earlier run left there is used again. Nobody else may be using it. */
  folder: string
  /** Throws away what an earlier run left there. */
  fresh?: boolean
  port?: number
  /** false: a crash of the machine, though not of the process, may cost data. For tests (default true). */
  durable?: boolean
  /** Further settings of the server. */
  settings?: Readonly<Record<string, string>>
  /** Ends it should this process die; without one it gets its own. */
  guardian?: Guardian
}

const STOP_SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const
const READY_POLL_MS = 25
const START_MS = 120_000
const STOP_MS = 15_000

/**
 * Starts PostgreSQL from npm's binaries and waits until it takes queries.
 * @throws {LocalStackError} OUTBOX_SERVICE_FAILED, with the end of its log
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresProcess> {
  const { port = await freePort(), guardian = startGuardian(), durable = true } = options
  const home = await postgresHome(resolve(options.folder))
  const data = join(home.folder, 'data')
  const logFile = join(resolve(options.folder), 'postgres.log')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await endLeftover({ pidFile: join(data, 'postmaster.pid'), mark: data, signal: STOP_SIGNALS.immediate })
  if (options.fresh) await rm(data, { recursive: true, force: true })
  await initialise(home, data)

  // No sockets in a folder that everybody shares: a killed run would leave them behind.
  const place = { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const settings = { ...postgresSettings({ durable }), ...place, ...options.settings }
  const service = await startService(async () => {
    // After a SIGKILL the last backends may still hold the shared memory; a new postmaster gives up at once then.
    for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(READY_POLL_MS)) {
      const postgres = await spawnGuarded({
        command: join(home.binaries, 'bin', 'postgres'),
        args: ['-D', data, ...settingArguments(settings)],
        ...(home.owner && { owner: home.owner }),
        logFile,
        ending: { signal: STOP_SIGNALS.fast, graceMs: STOP_MS },
        guardian,
      })
      const isReady = () => postgresAnswers(url)
      if (await becomesReady(postgres, { isReady, pollMs: READY_POLL_MS, withinMs: START_MS })) return postgres
      if (!/still in use|lock file/.test(await lastLogLines(logFile))) break
    }
    const log = await lastLogLines(logFile)
    throw new LocalStackError('OUTBOX_SERVICE_FAILED', `PostgreSQL did not start; the end of ${logFile}:\n${log}`)
  })
  return Object.assign(service, {
    url,
    port,
    logFile,
    stop: (mode: keyof typeof STOP_SIGNALS = 'fast') => service.kill(STOP_SIGNALS[mode]),
  })
}

/** initdb into a folder beside, renamed when it's whole: one that was killed half-way leaves nothing in the way. */
async function initialise({ binaries, owner }: PostgresHome, data: string): Promise<void> {
  if (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined)) return
  const unfinished = `${data}.new`
  await rm(unfinished, { recursive: true, force: true })
  const args = ['-D', unfinished, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync']
  // The built-in provider sorts alike on every system and needs no locale to be installed.
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C')
  await promisify(execFile)(join(binaries, 'bin', 'initdb'), args, { ...owner, windowsHide: true })
  await rename(unfinished, data)
}
