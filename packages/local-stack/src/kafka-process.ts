import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endLeftover } from './end-leftover.ts'
import { findJava } from './find-java.ts'
import { freePort } from './free-port.ts'
import { type Guardian, startGuardian } from './guardian.ts'
import { kafkaAnswers } from './kafka-answers.ts'
import { kafkaJars } from './kafka-jars.ts'
import { kafkaSettings } from './kafka-settings.ts'
import { lastLogLines } from './last-log-lines.ts'
import { LocalStackError } from './local-stack-error.ts'
import { becomesReady, type ServiceProcess, startService } from './service-process.ts'
import { spawnGuarded } from './spawn-guarded.ts'

/** A Kafka 4 of one's own: one node that is broker and controller, reached from this machine only. */
export type KafkaProcess = ServiceProcess & {
  /** What clients are given: the advertised port. */
  brokers: string
  /** Where the broker listens; another than the advertised one where a proxy stands before it. */
  port: number
  version: string
  logFile: string
  /** SIGTERM, and waits for its orderly end. */
  stop(): Promise<void>
}

export type KafkaOptions = {
  /** Holds data, settings and log; the data that an earlier run left there is used again. Nobody else may be using it. */
  folder: string
  /** Throws away what an earlier run left there. */
  fresh?: boolean
  /** Where the jars are kept, 54 MB once for all brokers (default: `.outbox` at the project's root). */
  jarsFolder?: string
  port?: number
  /** The port that clients are told, when it's a proxy's. */
  advertisedPort?: number
  /** Further settings of the broker. */
  settings?: Readonly<Record<string, string>>
  /** Who may come in by SCRAM-SHA-512, as names and passwords, where a listener of `settings` asks for it; made with the data. */
  scramUsers?: Readonly<Record<string, string>>
  jvmArgs?: readonly string[]
  /** Java's folder (JAVA_HOME), if not the one on the PATH. */
  javaHome?: string | undefined
  /** What would do as well where Java or Maven is missing, such as `start Docker`; nothing by default. */
  instead?: string
  /** Ends it should this process die; without one it gets its own. */
  guardian?: Guardian
  /** Told when something takes longer than usual. */
  report?: (line: string) => void
}

const JARS_FOLDER = fileURLToPath(new URL('../../../.outbox', import.meta.url))
const LOG_SETTINGS = fileURLToPath(new URL('../kafka/log4j2.properties', import.meta.url))
const CLUSTER_ID = 'b3V0Ym94LWxvY2FsLXN0YQ'
const JVM_ARGS = ['-Xms256m', '-Xmx1g']
const READY_POLL_MS = 50
const START_MS = 180_000
const STOP_MS = 15_000

/**
 * Starts Kafka from the jars of Maven Central and waits until it takes requests.
 * @throws {LocalStackError} OUTBOX_NO_JAVA, OUTBOX_NO_MAVEN, OUTBOX_DOWNLOAD_FAILED, or OUTBOX_SERVICE_FAILED with
 *   the end of its log
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaProcess> {
  const { port = await freePort(), guardian = startGuardian(), jarsFolder = JARS_FOLDER, jvmArgs = JVM_ARGS } = options
  const brokers = `127.0.0.1:${options.advertisedPort ?? port}`
  const folder = resolve(options.folder)
  const data = join(folder, 'data')
  const settingsFile = join(folder, 'server.properties')
  const pidFile = join(folder, 'kafka.pid')
  const logFile = join(folder, 'kafka.log')
  const java = await findJava(options.javaHome, options.instead)
  const jars = await kafkaJars(jarsFolder, options)
  const classPath = ['-cp', join(jars.folder, '*')]

  await mkdir(folder, { recursive: true })
  await endLeftover({ pidFile, mark: settingsFile, signal: 'SIGKILL' })
  if (options.fresh) await rm(data, { recursive: true, force: true })
  const place = { data, host: '127.0.0.1', port, controllerPort: await freePort(), advertised: brokers }
  await writeFile(settingsFile, asProperties({ ...kafkaSettings(place), ...options.settings }))
  if (!(await readFile(join(data, 'meta.properties'), 'utf8').catch(() => undefined))) {
    const format = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', CLUSTER_ID, '-c', settingsFile]
    const users = Object.entries(options.scramUsers ?? {}).flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ])
    await promisify(execFile)(java, [...classPath, ...format, ...users], { windowsHide: true })
  }

  const service = await startService(async () => {
    const kafka = await spawnGuarded({
      command: java,
      args: [...jvmArgs, `-Dlog4j2.configurationFile=${LOG_SETTINGS}`, ...classPath, 'kafka.Kafka', settingsFile],
      logFile,
      ending: { signal: 'SIGTERM', graceMs: STOP_MS },
      guardian,
    })
    await writeFile(pidFile, String(kafka.pid))
    const isReady = () => kafkaAnswers(port)
    if (await becomesReady(kafka, { isReady, pollMs: READY_POLL_MS, withinMs: START_MS })) return kafka
    const log = await lastLogLines(logFile)
    throw new LocalStackError('OUTBOX_SERVICE_FAILED', `Kafka did not start; the end of ${logFile}:\n${log}`)
  })
  return Object.assign(service, { brokers, port, version: jars.version, logFile, stop: () => service.kill('SIGTERM') })
}

/** Java's properties take a backslash (Windows' paths) as an escape. */
function asProperties(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '/')}\n`)
    .join('')
}
