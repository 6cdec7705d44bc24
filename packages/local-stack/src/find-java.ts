import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LocalStackError } from './local-stack-error.ts'

const OLDEST = 17

/**
 * The `java` to run Kafka with: that of `javaHome`, else the one on the PATH.
 * @param instead what would do as well, where something would: `start Docker`
 * @throws {LocalStackError} OUTBOX_NO_JAVA when there is none, or when it's older than Kafka 4 asks for
 */
export async function findJava(javaHome: string | undefined, instead?: string): Promise<string> {
  const java = javaHome ? join(javaHome, 'bin', 'java') : 'java'
  // Java prints its version to standard error: `openjdk version "17.0.15" 2025-04-15`.
  const output = await promisify(execFile)(java, ['-version'], { windowsHide: true }).then(
    ({ stderr }) => stderr,
    () => '',
  )
  const found = /version "(?:1\.)?(\d+)/.exec(output)?.[1]
  if (found !== undefined && Number(found) >= OLDEST) return java
  const what = found === undefined ? `${java} was not found or does not run` : `${java} is Java ${found}`
  const remedy = `Install Java ${OLDEST} or newer (https://adoptium.net) and put it on the PATH or into JAVA_HOME`
  throw new LocalStackError(
    'OUTBOX_NO_JAVA',
    `${what}; Kafka needs Java ${OLDEST}. ${remedy}${instead ? `, or ${instead}` : ''}`,
  )
}
