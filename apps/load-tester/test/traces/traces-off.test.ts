import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test.each(['producer', 'relay', 'consumer'])(
  'a %s that nobody asks for traces loads nothing of OpenTelemetry but its API',
  { timeout: 180_000 },
  async (app) => {
    const off = await loadedBy(app, { OTEL_SERVICE_NAME: 'a', OTEL_TRACES_SAMPLER: 'always_on' })
    expect(off.filter((name) => name.startsWith('fastify'))).not.toEqual([])
    expect(off.filter(isSdk)).toEqual([])
    // The same question gets the other answer where traces are on.
    const on = await loadedBy(app, { OTEL_TRACES_EXPORTER: 'console' })
    expect(on).toContain('@opentelemetry/sdk-node')
  },
)

function isSdk(name: string): boolean {
  if (name === '@opentelemetry/api') return false
  return name.startsWith('@opentelemetry/') || ['@fastify/otel', 'import-in-the-middle'].includes(name)
}

/** The packages of which an app has loaded something by the time that it listens. */
async function loadedBy(app: string, env: Record<string, string>): Promise<string[]> {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
  const child = spawn(process.execPath, ['--import', path('./tell-loads.ts'), path(`../../../${app}/src/main.ts`)], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere',
      KAFKA_BROKERS: '127.0.0.1:1',
      CONSUMER_GROUP: 'group',
      HOST: '127.0.0.1',
      PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const packages = new Set<string>()
  createInterface(child.stderr).on('line', (line) => {
    const name = /^loads file:.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(line)?.[1]
    if (name) packages.add(name)
  })
  for await (const line of createInterface(child.stdout)) if (line.includes('listening at')) break
  child.kill('SIGKILL')
  await once(child, 'close')
  return [...packages].sort()
}
