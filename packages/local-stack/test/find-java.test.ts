import { expect, test, vi } from 'vitest'
import { findJava } from '../src/find-java.ts'
import { kafkaJars } from '../src/kafka-jars.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('without Java the message tells what to install, and Docker only to those whom it would help', async () => {
  const install =
    /^\/nowhere\/bin\/java was not found .* Install Java 17 or newer \(.*\) and put it on the PATH or into JAVA_HOME/
  const alone = await findJava('/nowhere').catch((error) => error)
  expect(alone).toMatchObject({ code: 'OUTBOX_NO_JAVA', message: expect.stringMatching(install) })
  expect(alone.message).not.toContain('Docker')
  await expect(findJava('/nowhere', 'start Docker')).rejects.toThrow(/into JAVA_HOME, or start Docker$/)
})

test('without Maven too', async () => {
  await using folder = await temporaryFolder()
  vi.stubEnv('PATH', '/nowhere')
  try {
    const alone = await kafkaJars(folder.path).catch((error) => error)
    expect(alone).toMatchObject({ code: 'OUTBOX_NO_MAVEN', message: expect.stringContaining('put it on the PATH\n') })
    await expect(kafkaJars(folder.path, { instead: 'start Docker' })).rejects.toThrow('the PATH, or start Docker')
  } finally {
    vi.unstubAllEnvs()
  }
})
