import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { childPids } from '../src/child-pids.ts'
import { cpuSeconds, memoryBytes, peakMegabytes } from '../src/process-cost.ts'

const onLinux = test.runIf(process.platform === 'linux')

onLinux('the CPU time of a child that has ended stays with whoever has started it', async () => {
  const busy = 'while (process.cpuUsage().user < 300_000);'
  await using parent = await program(
    `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(busy)}])
     child.on('exit', () => console.log('over'))
     setInterval(() => {}, 1_000)`,
  )
  await once(parent.stdout, 'data')
  expect(childPids(parent.pid)).toEqual([])
  expect(cpuSeconds(parent.pid)).toBeGreaterThanOrEqual(0.3)
})

onLinux('memory is what a process has now, and its peak what it had most', async () => {
  await using holder = await program(
    `let held = Buffer.alloc(100e6, 1)
     console.log('up')
     setInterval(() => held.length, 1_000)`,
  )
  await once(holder.stdout, 'data')
  const now = memoryBytes(holder.pid)
  expect(now).toBeGreaterThan(100e6)
  // The kernel counts by thread and adds up now and then: proc(5) calls the figures inexact.
  expect(peakMegabytes(holder.pid)).toBeGreaterThan(now / 1e6 - 2)
})

onLinux('the memory of children counts, and what is shared counts once', async () => {
  await using parent = await program(
    `const holds = "let held = Buffer.alloc(50e6, 1); console.log('up'); setInterval(() => held.length, 1_000)"
     let up = 0
     const children = [1, 2].map(() => require('node:child_process').spawn(process.execPath, ['-e', holds]))
     for (const child of children) child.stdout.on('data', () => { up += 1; if (up === 2) console.log('all up') })
     process.on('SIGTERM', () => { for (const child of children) child.kill('SIGKILL'); process.exit() })`,
  )
  await once(parent.stdout, 'data')
  const alone = childPids(parent.pid).map(memoryBytes)
  expect(alone).toHaveLength(2)
  const together = memoryBytes(parent.pid)
  expect(together).toBeGreaterThan(100e6)
  // Each of the three has the program itself, which is tens of megabytes.
  expect(together).toBeLessThan(alone.reduce((sum, bytes) => sum + bytes, 0) + 60e6)
})

test('a process that is not there costs nothing that is known', () => {
  const nobody = 2 ** 22 + 1
  expect(cpuSeconds(nobody)).toBeNaN()
  expect(memoryBytes(nobody)).toBeNaN()
  expect(peakMegabytes(nobody)).toBeNaN()
  expect(childPids(nobody)).toEqual([])
})

type Program = AsyncDisposable & { pid: number; stdout: NonNullable<ChildProcess['stdout']> }

async function program(source: string): Promise<Program> {
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child, 'spawn')
  return {
    pid: child.pid ?? 0,
    stdout: child.stdout,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
