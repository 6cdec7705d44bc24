import { readSettings, SettingsError } from '@outbox/service/read-settings'
import { expect, test } from 'vitest'
import { checkProducerSettings, ProducerSettings } from '../src/producer-settings.ts'

const right = { DATABASE_URL: 'postgres://u:geheim@db:5432/outbox' }

function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readSettings(ProducerSettings, { ...right, ...env }, checkProducerSettings)
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ setting }) => setting)
    throw error
  }
}

test('the defaults are those of the documentation', () => {
  expect(readSettings(ProducerSettings, right, checkProducerSettings)).toMatchObject({
    PORT: 5301,
    TOPICS: ['shared-events'],
    PRODUCER_MAX_BATCH: 1_000,
    PRODUCER_MAX_BODY_BYTES: 8_388_608,
    PRODUCER_MAX_PAYLOAD_BYTES: 900_000,
  })
  expect(problemsOf({ DATABASE_URL: undefined })).toEqual(['DATABASE_URL'])
})

test('each setting that is empty or blank is named', () => {
  for (const name of Object.keys(ProducerSettings.properties)) {
    for (const blank of ['', ' ', '\t\n']) expect(problemsOf({ [name]: blank })).toEqual([name])
  }
})

test('each number of the wrong type, or out of range, is named', () => {
  for (const [name, property] of Object.entries(ProducerSettings.properties)) {
    if (!('minimum' in property && 'maximum' in property)) continue
    const beyond = [Number(property.minimum) - 1, Number(property.maximum) + 1, Number.MAX_SAFE_INTEGER + 2]
    for (const wrong of [...beyond, 'ten', '1e3', '1.5', '0x10', '1_000', ' 5 ', '+5', '007', 'NaN', 'Infinity']) {
      expect(problemsOf({ [name]: String(wrong) }), `${name}=${wrong}`).toEqual([name])
    }
  }
})

test('limits that contradict each other are named', () => {
  expect(problemsOf({ PRODUCER_MAX_BODY_BYTES: '2000' })).toEqual(['PRODUCER_MAX_PAYLOAD_BYTES'])
  expect(problemsOf({ PRODUCER_MAX_BODY_BYTES: '100000000' })).toEqual(['PRODUCER_MAX_BODY_BYTES'])
  expect(problemsOf({ PRODUCER_DRAIN_MS: '9500' })).toEqual(['PRODUCER_DRAIN_MS'])
})
