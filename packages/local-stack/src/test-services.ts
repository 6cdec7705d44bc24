import type { TestProject } from 'vitest/node'

/** Vitest's global setup: tells the tests where PostgreSQL and Kafka are. */
export default async function provideServices(project: TestProject): Promise<void> {
  project.provide('databaseUrl', process.env.DATABASE_URL ?? '')
  project.provide('kafkaBrokers', process.env.KAFKA_BROKERS ?? '')
}

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    kafkaBrokers: string
  }
}
