import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { attachTestStack } from './attach-test-stack.ts'

const FOLDER = fileURLToPath(new URL('../../../.outbox/test', import.meta.url))

/**
 * Vitest's global setup: tells the tests where PostgreSQL and Kafka are. DATABASE_URL and KAFKA_BROKERS are used where
 * both are set; else the stack that all test processes of this checkout share.
 */
export default async function provideServices(project: TestProject): Promise<() => Promise<void>> {
  const { DATABASE_URL, KAFKA_BROKERS } = process.env
  if (DATABASE_URL && KAFKA_BROKERS) {
    project.provide('databaseUrl', DATABASE_URL)
    project.provide('kafkaBrokers', KAFKA_BROKERS)
    return async () => {}
  }
  const report = (line: string) => void process.stdout.write(`${line}\n`)
  const stack = await attachTestStack({ folder: FOLDER, report })
  project.provide('databaseUrl', DATABASE_URL || stack.databaseUrl)
  project.provide('kafkaBrokers', KAFKA_BROKERS || stack.kafkaBrokers)
  return async () => await stack[Symbol.asyncDispose]()
}

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    kafkaBrokers: string
  }
}
