import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAlive } from '../src/end-process.ts'
import { kafkaAnswers } from '../src/kafka-answers.ts'
import { postgresAnswers } from '../src/postgres-answers.ts'
import { runProgram } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('processes that come at once share one stack, and the end of the last one stops it', async () => {
  await using folder = await temporaryFolder()
  const [first, second, third] = await Promise.all([
    runProgram('attached', folder.path),
    runProgram('attached', folder.path),
    runProgram('attached', folder.path),
  ])
  expect(new Set([first.firstLine, second.firstLine, third.firstLine]).size).toBe(1)
  await Promise.all([first.kill(), second.kill()])

  const { databaseUrl, kafkaBrokers } = JSON.parse(third.firstLine)
  const kafkaPort = Number(kafkaBrokers.split(':')[1])
  expect(await postgresAnswers(databaseUrl)).toBe(true)
  expect(await kafkaAnswers(kafkaPort)).toBe(true)
  const kafkaPid = Number(await readFile(join(folder.path, 'kafka', 'kafka.pid'), 'utf8'))
  await third.kill()
  await expect.poll(() => isAlive(kafkaPid)).toBe(false)
  await expect.poll(() => postgresAnswers(databaseUrl)).toBe(false)
}, 120_000)
