import { hostname } from 'node:os'
import type { Tracer } from '@opentelemetry/api'
import { type Logger, pino } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Static, TObject } from 'typebox'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import { loggedError } from './logged-error.ts'
import { type Environment, readSettings, type SettingProblem } from './read-settings.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import { registerReadiness } from './readiness-metric.ts'
import { reasonOf } from './reason-of.ts'
import type { ServiceSettings } from './service-settings.ts'
import { startTracing } from './start-tracing.ts'

/** What an app gets to run with. */
export type ServiceContext<Settings> = {
  settings: Settings
  /** The app's own name, on every log line and in `/health/ready`. */
  instance: string
  logger: Logger
  /** Has the process's default metrics already. */
  registry: Registry
  readiness: Readiness
  /** Only where the environment asks for traces. */
  tracer: Tracer | undefined
  /** Aborts on SIGTERM and SIGINT, once readiness has turned to `stopping`. */
  signal: AbortSignal
}

/** An app: its settings are `ServiceSettings` and more. */
export type Service<Schema extends TObject> = {
  name: string
  settings: Schema
  /** Finds settings that are right one by one but don't go together. */
  check?: (settings: Static<Schema>) => SettingProblem[]
  /** `process.env`; only main.ts reads it. */
  env: Environment
  /** The parts that must be up before the app is ready. */
  parts: readonly string[]
  /** The app's work: returns once `signal` has aborted and the work in hand is finished. */
  run: (context: ServiceContext<Static<Schema>>) => Promise<void>
}

/**
 * The whole life of a process, from its settings to its exit code (see `ExitCode`). Never returns: it ends the process,
 * within STOP_TIMEOUT_MS of SIGTERM or SIGINT, at once on an uncaught exception. A wrong setting is one line on
 * standard error; everything after that is JSON lines on standard output.
 */
export async function runService<Schema extends TObject>(service: Service<Schema>): Promise<never> {
  const settings = readSettingsOrExit(service)
  const instance = settings.INSTANCE ?? `${service.name}-${hostname()}-${settings.PORT}`
  const tracing = await startTracing({ name: service.name, instance }, service.env)
  // Synchronous: a line that was logged is never lost with the process.
  const logger = pino(
    {
      level: settings.LOG_LEVEL,
      base: { instance },
      serializers: { err: loggedError },
      ...(tracing && { mixin: tracing.logFields }),
    },
    pino.destination({ dest: 1, sync: true }),
  )
  tracing?.tell(logger)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const readiness = createReadiness({ instance, parts: service.parts })
  registerReadiness(registry, readiness)

  // Waiting for the signal alone wouldn't keep the process alive.
  setInterval(() => {}, 2 ** 30)
  process.once('uncaughtException', (error) => {
    logger.fatal({ err: new UncaughtError(error) }, 'uncaught exception')
    process.exit(ExitCode.failed)
  })
  // Node's own listener prints them to standard error as plain text.
  process.removeAllListeners('warning')
  process.on('warning', (warning) => logger.warn({ err: warning }, 'Node.js warns'))
  const signal = stopSignal({ logger, readiness, stopTimeoutMs: settings.STOP_TIMEOUT_MS })
  logger.info({ pid: process.pid, node: process.version }, `${service.name} starts`)
  try {
    await service.run({ settings, instance, logger, registry, readiness, tracer: tracing?.tracer, signal })
  } catch (error) {
    if (!isAbort(error, signal)) {
      await tracing?.end()
      exitWith(error, logger)
    }
  }
  await tracing?.end()
  if (!signal.aborted) {
    logger.fatal('the work ended without having been asked to')
    process.exit(ExitCode.failed)
  }
  logger.info('stopped')
  process.exit(ExitCode.stopped)
}

function readSettingsOrExit<Schema extends TObject>(service: Service<Schema>): Static<Schema> & ServiceSettings {
  try {
    return readSettings(service.settings, service.env, service.check) as Static<Schema> & ServiceSettings
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n') : [String(error)]
    process.stderr.write(lines.map((line) => `${service.name}: ${line}\n`).join(''))
    process.exit(exitCodeOf(error))
  }
}

function stopSignal(options: { logger: Logger; readiness: Readiness; stopTimeoutMs: number }): AbortSignal {
  const { logger, readiness, stopTimeoutMs } = options
  const stopping = new AbortController()
  const stop = (name: NodeJS.Signals) => {
    // Ctrl-C reaches the whole process group, and a supervisor's SIGTERM may follow: one stop, however often asked for.
    if (stopping.signal.aborted) return
    logger.info({ signal: name }, 'stopping')
    readiness.stop()
    setTimeout(() => {
      logger.fatal({ stopTimeoutMs }, 'did not stop in time: work in hand is given up')
      process.exit(ExitCode.stopOverdue)
    }, stopTimeoutMs).unref()
    stopping.abort()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return stopping.signal
}

/** Waiting that was cut short by the stop is no failure. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error instanceof Error && (error === signal.reason || error.name === 'AbortError')
}

function exitWith(error: unknown, logger: Logger): never {
  const exitCode = exitCodeOf(error)
  // What an operator must mend is said in one line; what nobody expected comes with its stack.
  if (exitCode === ExitCode.failed) logger.fatal({ err: error, exitCode }, 'failed')
  else logger.fatal({ exitCode }, reasonOf(error))
  process.exit(exitCode)
}

/** Nobody knows who threw it, and in a consumer a handler may have. */
class UncaughtError extends Error {
  readonly code = 'OUTBOX_UNCAUGHT'
  readonly causeIsPrivate = true

  constructor(cause: unknown) {
    super('an error reached the event loop', { cause })
    this.name = 'UncaughtError'
  }
}
