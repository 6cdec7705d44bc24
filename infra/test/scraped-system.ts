import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@outbox/local-stack/free-port'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { startGuardian } from '@outbox/local-stack/guardian'
import type { App } from '@outbox/local-stack/run-apps'
import { startSystem } from '@outbox/local-stack/start-system'
import { inject } from 'vitest'
import { type PrometheusProcess, startPrometheus } from './prometheus-process.ts'

const LOAD_PAUSE_MS = 100

/** A producer, a relay, a member of each of two groups, and a Prometheus that scrapes them while a small load goes on. */
export type ScrapedSystem = AsyncDisposable & {
  prometheus: PrometheusProcess
  /** What each app's `/metrics` says now. */
  metrics(): Promise<string[]>
}

/** @param program Prometheus's */
export async function scrapedSystem(program: string): Promise<ScrapedSystem> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'outbox-scraped-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  // Kafka is shared with other tests.
  const topic = `infra-${randomBytes(6).toString('hex')}`
  const database = started.use(await freshDatabase())
  const system = started.use(
    await startSystem({
      apps: await apps(topic),
      env: { PATH: process.env.PATH },
      folder: join(folder, 'apps'),
      file: join(folder, 'system.json'),
      given: { databaseUrl: database.url, kafkaBrokers: inject('kafkaBrokers') },
      report: () => {},
    }),
  )
  const of = (kind: string) => system.apps.filter(({ name }) => name.startsWith(kind))
  const targets = Object.fromEntries(
    ['producer', 'relay', 'consumer'].map((kind) => [kind, of(kind).map(({ port }) => `127.0.0.1:${port}`)]),
  )
  const guardian = startGuardian()
  const prometheus = started.use(
    await startPrometheus({ program, folder: join(folder, 'prometheus'), guardian, targets }),
  )
  const over = new AbortController()
  const loading = load(`${of('producer')[0]?.url}/messages`, { topic, signal: over.signal })
  started.defer(async () => {
    over.abort()
    await loading
  })
  const resources = started.move()
  return {
    prometheus,
    metrics: () => Promise.all(system.apps.map(async ({ url }) => (await fetch(`${url}/metrics`)).text())),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function apps(topic: string): Promise<App[]> {
  const often = { RELAY_HOUSEKEEPING_MS: '1000', CONSUMER_UPKEEP_MS: '1000' }
  const settings = { ...often, TOPICS: topic, RELAY_TOPIC_PARTITIONS: '2', LOG_LEVEL: 'warn' }
  const named = [
    ['producer-1', 'producer', {}],
    ['relay-1', 'relay', {}],
    ['consumer-1', 'consumer', { CONSUMER_GROUP: `${topic}-a` }],
    ['consumer-2', 'consumer', { CONSUMER_GROUP: `${topic}-b` }],
  ] as const
  const found: App[] = []
  for (const [name, app, own] of named) {
    const program = fileURLToPath(new URL(`../../apps/${app}/src/main.ts`, import.meta.url))
    found.push({ name, program, port: await freePort(), settings: { ...settings, ...own } })
  }
  return found
}

/** Small batches, one after the other, until `signal` aborts. */
async function load(url: string, { topic, signal }: { topic: string; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    const messages = Array.from({ length: 10 }, (_, number) => ({ topic, key: `key-${number}`, payload: { number } }))
    const headers = { 'content-type': 'application/json' }
    // One that fails shows in what is measured.
    await fetch(url, { method: 'POST', headers, body: JSON.stringify({ messages }) }).catch(() => {})
    await sleep(LOAD_PAUSE_MS)
  }
}
