import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@outbox/local-stack/free-port'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { startSystem } from '@outbox/local-stack/start-system'
import type pg from 'pg'
import { inject } from 'vitest'

/** A producer, a relay and two groups that add up amounts, each app a process of its own that sends its spans to `collectorUrl`. */
export type TracedSystem = AsyncDisposable & {
  topic: string
  groups: [string, string]
  database: pg.Pool
  post(messages: object[], traceparent: string): Promise<Response>
}

export async function tracedSystem(collectorUrl: string): Promise<TracedSystem> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'outbox-traces-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const database = started.use(await freshDatabase())
  const topic = `traces-${randomBytes(6).toString('hex')}`
  const groups: TracedSystem['groups'] = [`${topic}-a`, `${topic}-b`]
  const settings = {
    TOPICS: topic,
    CONSUMER_HANDLER: inApps('consumer/examples/total-by-key.ts'),
    OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  }
  const system = started.use(
    await startSystem({
      apps: [
        await app('producer', 'producer', settings),
        await app('relay', 'relay', settings),
        await app('consumer-a', 'consumer', { ...settings, CONSUMER_GROUP: groups[0] }),
        await app('consumer-b', 'consumer', { ...settings, CONSUMER_GROUP: groups[1] }),
      ],
      env: { PATH: process.env.PATH },
      folder,
      file: join(folder, 'system.json'),
      given: { databaseUrl: database.url, kafkaBrokers: inject('kafkaBrokers') },
      report: () => {},
    }),
  )
  const producer = system.apps.find(({ name }) => name === 'producer')?.url
  const resources = started.move()
  return {
    topic,
    groups,
    database: database.pool,
    post: (messages, traceparent) =>
      fetch(`${producer}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent },
        body: JSON.stringify({ messages: messages.map((message) => ({ topic, ...message })) }),
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function app(name: string, program: string, settings: Record<string, string>) {
  return { name, program: inApps(`${program}/src/main.ts`), port: await freePort(), settings }
}

function inApps(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url))
}
