import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Harmable } from '../src/harmable.ts'
import { type FaultOrder, serveFaults } from '../src/serve-faults.ts'

test('a part is taken down, and comes up again after its time', async () => {
  const [told, over]: [string[], string[]] = [[], []]
  await using server = await serveFaults({ parts: [part('relay-1', told)], onOver: () => over.push(...told) })
  const answer = await order(server, { part: 'relay-1', harm: 'kill', forMs: 30 })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
  expect(over).toEqual(['kill', 'up'])
})

test('a fault that lasts when the system ends is undone first, and the next one of that part is refused until then', async () => {
  const told: string[] = []
  const server = await serveFaults({ parts: [part('kafka', told)], onOver: () => {} })
  const lasting = order(server, { part: 'kafka', harm: 'stop', forMs: 600_000 })
  await expect.poll(() => told).toEqual(['stop'])
  const second = await order(server, { part: 'kafka', harm: 'kill', forMs: 0 })
  expect([second.status, await second.text()]).toEqual([409, 'kafka has another fault at the moment'])
  await server[Symbol.asyncDispose]()
  expect(told).toEqual(['stop', 'up'])
  await lasting.catch(() => {})
})

test('what does not come up again is said', async () => {
  const broken = { ...part('kafka', []), bringUp: () => Promise.reject(new Error('Kafka did not start')) }
  await using server = await serveFaults({ parts: [broken], onOver: () => {} })
  const answer = await order(server, { part: 'kafka', harm: 'kill', forMs: 0 })
  expect([answer.status, await answer.text()]).toEqual([500, 'Kafka did not start'])
})

test.runIf(process.platform === 'linux')(
  'a pause stops the process and its children, and lets them go on',
  async () => {
    const source = `const child = require('node:child_process').spawn('sleep', ['60'])
    console.log(child.pid)
    process.on('SIGTERM', () => { child.kill(); process.exit() })
    setInterval(() => {}, 1_000)`
    const parent = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(parent.stdout, 'data')
    const pids = [parent.pid ?? 0, Number(line)]
    const family = { ...part('postgres', []), pid: pids[0] ?? 0, pids: () => pids }
    await using server = await serveFaults({ parts: [family], onOver: () => {} })
    const paused = order(server, { part: 'postgres', harm: 'pause', forMs: 600 })
    await expect.poll(() => pids.map(stateOf)).toEqual(['T', 'T'])
    expect((await paused).status).toBe(200)
    expect(pids.map(stateOf)).not.toContain('T')
    const exited = once(parent, 'exit')
    parent.kill('SIGTERM')
    await exited
  },
)

test.each([
  ['another part', { part: 'relay-9', harm: 'kill', forMs: 0 }, 404],
  ['another harm', { part: 'relay-1', harm: 'paint', forMs: 0 }, 400],
  ['no length', { part: 'relay-1', harm: 'kill' }, 400],
  ['a length beyond ten minutes', { part: 'relay-1', harm: 'kill', forMs: 600_001 }, 400],
  ['no JSON', 'kill', 400],
])('%s is refused, and nothing is harmed', async (_, body, status) => {
  const told: string[] = []
  await using server = await serveFaults({ parts: [part('relay-1', told)], onOver: () => {} })
  const { url, token } = server
  const headers = { authorization: `Bearer ${token}` }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  expect((await fetch(url, { method: 'POST', headers, body: text })).status).toBe(status)
  const stranger = { part: 'relay-1', harm: 'kill' as const, forMs: 0 }
  expect((await order({ url, token: 'guessed' }, stranger)).status).toBe(400)
  expect(told).toEqual([])
})

function order({ url, token }: { url: string; token: string }, fault: FaultOrder): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(fault) })
}

function part(name: string, told: string[]): Harmable {
  return {
    name,
    pid: 0,
    pids: () => [],
    takeDown: async (how) => void told.push(how),
    bringUp: async () => void told.push('up'),
  }
}

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? ''
}
