import { expect, test } from 'vitest'
import { kafkaAnswers } from '../src/kafka-answers.ts'
import { postgresAnswers } from '../src/postgres-answers.ts'
import { runProgram } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('processes that come at once share one stack, and the end of the last one stops it', async () => {
  await using folder = await temporaryFolder()
  const attach = () => runProgram('attached', folder.path)
  const programs = await Promise.all([attach(), attach(), attach()])
  await using first = programs[0]
  await using second = programs[1]
  await using third = programs[2]
  expect(new Set(programs.map(({ firstLine }) => firstLine)).size).toBe(1)
  await Promise.all([first.kill(), second.kill()])

  const { databaseUrl, kafkaBrokers } = JSON.parse(third.firstLine)
  const kafka = new URL(`kafka://${kafkaBrokers}`)
  const kafkaIsThere = () => kafkaAnswers(Number(kafka.port), kafka.hostname)
  expect(await postgresAnswers(databaseUrl)).toBe(true)
  expect(await kafkaIsThere()).toBe(true)
  await third.kill()
  await expect.poll(kafkaIsThere).toBe(false)
  await expect.poll(() => postgresAnswers(databaseUrl)).toBe(false)
}, 120_000)
