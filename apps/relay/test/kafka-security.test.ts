import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { expect, test, vi } from 'vitest'
import { startRelay } from './relay-process.ts'
import { outboxDatabase } from './written-log.ts'

test('a Kafka that does not take its name keeps it waiting: readiness and log say what to correct, and not the password', async () => {
  const marks = new SecretMarks()
  await using database = await outboxDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'relay-password-'))
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, marks.mark('the password'))
  await using relay = startRelay({
    databaseUrl: database.url,
    topic: database.topic,
    env: {
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_USERNAME: 'app',
      KAFKA_PASSWORD_FILE: passwordFile,
      LOG_LEVEL: 'trace',
      KAFKAJS_LOG_LEVEL: 'debug',
    },
  })
  const url = await relay.url()
  const remedy = 'this listener has no SASL: name another listener in KAFKA_BROKERS, or unset KAFKA_SASL_MECHANISM'
  await vi.waitFor(
    async () => {
      const answer = await fetch(`${url}/health/ready`)
      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({ parts: { kafka: { reason: expect.stringContaining(remedy) } } })
    },
    { timeout: 30_000, interval: 20 },
  )
  const lines = relay.lines.join('\n')
  expect(lines).toMatch(new RegExp(`"level":40.*${remedy}.*Kafka is not there yet`))
  expect(lines.match(/goes over the network in the clear/g)).toHaveLength(1)
  expect(await relay.end('SIGTERM')).toBe(0)
  expect(marks.foundIn(relay.lines.join('\n'))).toEqual([])
  await rm(folder, { recursive: true })
})
