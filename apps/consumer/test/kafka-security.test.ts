import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { expect, test } from 'vitest'
import { startConsumer, waitUntil } from './consumer-process.ts'

test('a Kafka that does not take its name keeps it waiting: readiness and log say what to correct, and not the password', async () => {
  const marks = new SecretMarks()
  await using db = await freshDatabase()
  await using consumer = startConsumer({
    DATABASE_URL: db.url,
    CONSUMER_GROUP: 'a',
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_USERNAME: 'app',
    KAFKA_PASSWORD: marks.mark('the password'),
    LOG_LEVEL: 'trace',
    KAFKAJS_LOG_LEVEL: 'debug',
  })
  const remedy = 'this listener has no SASL: name another listener in KAFKA_BROKERS, or unset KAFKA_SASL_MECHANISM'
  await waitUntil(async () => {
    const { status, body } = await consumer.get('/health/ready')
    expect(status).toBe(503)
    expect(JSON.parse(body)).toMatchObject({ parts: { kafka: { reason: expect.stringContaining(remedy) } } })
  })
  expect(consumer.log).toContainEqual(
    expect.objectContaining({ level: 40, msg: 'Kafka is not ready yet', reason: expect.stringContaining(remedy) }),
  )
  const inTheClear = consumer.log.filter(({ msg }) => String(msg).includes('goes over the network in the clear'))
  expect(inTheClear).toHaveLength(1)
  consumer.kill('SIGTERM')
  expect(await consumer.exited).toBe(0)
  expect(marks.foundIn(JSON.stringify(consumer.log))).toEqual([])
})
