import { exec } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LocalStackError } from './local-stack-error.ts'

const POM = fileURLToPath(new URL('../kafka/pom.xml', import.meta.url))
const DOWNLOAD_MS = 600_000
const MESSAGE_LENGTH = 2_000

export type KafkaJars = { folder: string; version: string }

/**
 * The folder with Kafka's jars: `kafka-VERSION` in `cache`, filled by Maven the first time.
 * @param options.report is told when Maven has to fetch them, which may take a while
 * @param options.instead what would do as well, where something would: `start Docker`
 * @throws {LocalStackError} OUTBOX_NO_MAVEN, OUTBOX_DOWNLOAD_FAILED
 */
export async function kafkaJars(
  cache: string,
  { report = () => {}, instead }: { report?: ((line: string) => void) | undefined; instead?: string | undefined } = {},
): Promise<KafkaJars> {
  const version = /<kafka\.version>(.+)<\/kafka\.version>/.exec(await readFile(POM, 'utf8'))?.[1] ?? 'unknown'
  const folder = join(cache, `kafka-${version}`)
  const found = await readdir(folder).catch(() => [])
  if (found.length > 0) return { folder, version }

  report(`fetching Kafka ${version} by Maven`)
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  await copyFile(POM, join(unfinished, 'pom.xml'))
  await copyJars(unfinished, instead)
  // Another process may have been quicker; its jars are as good.
  await rename(join(unfinished, 'jars'), folder).catch(() => {})
  await rm(unfinished, { recursive: true })
  return { folder, version }
}

async function copyJars(folder: string, instead: string | undefined): Promise<void> {
  const command = 'mvn --batch-mode --quiet dependency:copy-dependencies -DoutputDirectory=jars'
  try {
    // By the shell, since on Windows mvn is a script.
    await promisify(exec)(command, { cwd: folder, windowsHide: true, timeout: DOWNLOAD_MS })
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    // Whatever Maven itself finds wrong begins so; anything else is the shell's.
    if (stdout.includes('[ERROR]')) {
      const message = `Maven could not fetch Kafka; is Maven Central within reach?\n${stdout.slice(0, MESSAGE_LENGTH)}`
      throw new LocalStackError('OUTBOX_DOWNLOAD_FAILED', message, { cause })
    }
    const remedy = 'Install it (https://maven.apache.org/install.html) and put it on the PATH'
    const message = `Kafka is fetched by Maven, and mvn does not run. ${remedy}${instead ? `, or ${instead}` : ''}\n${stderr.slice(0, MESSAGE_LENGTH)}`
    throw new LocalStackError('OUTBOX_NO_MAVEN', message, { cause })
  }
}
