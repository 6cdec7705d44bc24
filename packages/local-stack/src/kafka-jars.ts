import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LocalStackError } from './local-stack-error.ts'

const POM = fileURLToPath(import.meta.resolve('../kafka/pom.xml'))
const DOWNLOAD_MS = 600_000

export type KafkaJars = { folder: string; version: string }

/**
 * The folder with Kafka's jars: `kafka-VERSION` in `cache`, filled by Maven the first time.
 * @param report is told when Maven has to fetch them, which may take a while
 * @throws {LocalStackError} OUTBOX_NO_MAVEN, OUTBOX_DOWNLOAD_FAILED
 */
export async function kafkaJars(cache: string, report: (line: string) => void = () => {}): Promise<KafkaJars> {
  const version = /<kafka\.version>(.+)<\/kafka\.version>/.exec(await readFile(POM, 'utf8'))?.[1] ?? 'unknown'
  const folder = join(cache, `kafka-${version}`)
  const found = await readdir(folder).catch(() => [])
  if (found.length > 0) return { folder, version }

  report(`fetching Kafka ${version} by Maven`)
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  await copyFile(POM, join(unfinished, 'pom.xml'))
  await copyJars(unfinished)
  // Another process may have been quicker; its jars are as good.
  await rename(join(unfinished, 'jars'), folder).catch(() => {})
  await rm(unfinished, { recursive: true })
  return { folder, version }
}

async function copyJars(folder: string): Promise<void> {
  const args = ['--batch-mode', '--quiet', 'dependency:copy-dependencies', '-DoutputDirectory=jars']
  try {
    // On Windows mvn is a script for the shell; the arguments hold nothing that a shell would take amiss.
    const shell = process.platform === 'win32'
    await promisify(execFile)('mvn', args, { cwd: folder, shell, windowsHide: true, timeout: DOWNLOAD_MS })
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 9009)
    if (missing) {
      const message =
        'Maven (mvn) is not on the PATH, and Kafka is fetched by it. Install it: https://maven.apache.org/install.html, or start Docker'
      throw new LocalStackError('OUTBOX_NO_MAVEN', message, { cause })
    }
    const output = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).trim() : ''
    const message = `Maven could not fetch Kafka's jars (is Maven Central reachable?):\n${output.slice(0, 2_000)}`
    throw new LocalStackError('OUTBOX_DOWNLOAD_FAILED', message, { cause })
  }
}
