import { pino } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { exitCodeOf } from '../src/exit-code.ts'
import { startOperationsServer } from '../src/operations-server.ts'
import { createReadiness } from '../src/readiness.ts'

async function start({ port = 0, host = '127.0.0.1' } = {}) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const readiness = createReadiness({ instance: 'relay-1', parts: ['kafka'] })
  const stop = new AbortController()
  const server = await startOperationsServer({
    host,
    port,
    readiness,
    registry,
    logger: pino({ level: 'silent' }),
    signal: stop.signal,
    status: () => ({ lag: 12n, shards: [1, 2] }),
  })
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)
  return { ...server, readiness, stop, get }
}

test('live at once, ready when its parts are', async () => {
  await using server = await start()
  expect((await server.get('/health/live')).status).toBe(200)
  const before = await server.get('/health/ready')
  expect([before.status, await before.json()]).toMatchObject([503, { instance: 'relay-1', failing: ['kafka'] }])
  server.readiness.up('kafka')
  const after = await server.get('/health/ready')
  expect([after.status, await after.json()]).toMatchObject([200, { instance: 'relay-1', status: 'ready' }])
})

test('metrics are Prometheus text, status is JSON with bigints as strings', async () => {
  await using server = await start()
  const metrics = await server.get('/metrics')
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=/)
  expect(await metrics.text()).toContain('process_cpu_seconds_total')
  expect(await (await server.get('/status')).json()).toEqual({ lag: '12', shards: [1, 2] })
})

test('what there is not is a problem document', async () => {
  await using server = await start()
  const answer = await server.get('/nothing')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8'])
})

test('once it stops, answers close their connections', async () => {
  await using server = await start()
  server.stop.abort()
  expect((await server.get('/health/live')).headers.get('connection')).toBe('close')
})

test('a port that is taken, an address of another machine: one line with the remedy', async () => {
  await using server = await start()
  const taken = await start({ port: server.port }).catch((error: unknown) => error)
  expect([exitCodeOf(taken), String(taken)]).toEqual([69, expect.stringMatching(/is taken .* set PORT to a free port/)])
  const elsewhere = await start({ host: '203.0.113.1' }).catch((error: unknown) => error)
  expect([exitCodeOf(elsewhere), String(elsewhere)]).toEqual([78, expect.stringContaining('set HOST')])
})
