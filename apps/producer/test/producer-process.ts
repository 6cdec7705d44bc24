import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

/** A producer in a process of its own; leaving the scope kills it. */
export type ProducerProcess = AsyncDisposable & {
  pid: number
  /** What it wrote so far. */
  stdout(): string
  stderr(): string
  /** Its log, line by line. */
  log(): Record<string, unknown>[]
  /** Where it listens, once it does. */
  url(): Promise<string>
  ready(): Promise<void>
  kill(signal: NodeJS.Signals): void
  exitCode: Promise<number | null>
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Starts `node src/main.ts` with these settings and no others. */
export function startProcess(env: Record<string, string>): ProducerProcess {
  const local = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', PRODUCER_DRAIN_MS: '0' }
  const child = spawn(process.execPath, [main], { env: { ...local, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (data) => {
    stdout += data
  })
  child.stderr.setEncoding('utf8').on('data', (data) => {
    stderr += data
  })
  const exitCode = once(child, 'close').then(([code]) => code as number | null)
  const producer: ProducerProcess = {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    log: () =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    async url() {
      await expect.poll(() => stdout + stderr).toMatch(/http:\/\/127\.0\.0\.1:\d+/)
      return /http:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0] ?? ''
    },
    async ready() {
      const url = await producer.url()
      await expect.poll(async () => (await fetch(`${url}/health/ready`)).status).toBe(200)
    },
    kill: (signal) => void child.kill(signal),
    exitCode,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exitCode
    },
  }
  return producer
}
