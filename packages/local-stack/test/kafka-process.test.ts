import { expect, test } from 'vitest'
import { isAlive } from '../src/end-process.ts'
import { freePort } from '../src/free-port.ts'
import { kafkaAnswers } from '../src/kafka-answers.ts'
import { startKafka } from '../src/kafka-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('Kafka comes back on its port after SIGKILL, and tells its clients the advertised one', async () => {
  await using folder = await temporaryFolder()
  const advertisedPort = await freePort()
  await using kafka = await startKafka({
    folder: folder.path,
    advertisedPort,
    jvmArgs: ['-Xmx512m', '-XX:TieredStopAtLevel=1'],
  })
  expect(kafka.brokers).toBe(`127.0.0.1:${advertisedPort}`)
  expect(await kafkaAnswers(kafka.port)).toBe(true)
  const { pid } = kafka
  await kafka.kill()
  expect(isAlive(pid)).toBe(false)
  expect(await kafkaAnswers(kafka.port)).toBe(false)
  await kafka.start()
  expect(await kafkaAnswers(kafka.port)).toBe(true)
}, 120_000)
