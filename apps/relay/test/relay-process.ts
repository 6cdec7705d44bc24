import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { inject, vi } from 'vitest'

/** A relay as a process of its own, as its users run it. Leaving the scope kills it. */
export type RelayProcess = AsyncDisposable & {
  child: ChildProcess
  /** What it has logged, or printed, line by line. */
  lines: string[]
  /** Its health, metrics and status. */
  url(): Promise<string>
  ready(): Promise<void>
  /** Sends a signal and waits for the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  exited: Promise<number | NodeJS.Signals | null>
}

/** What a test sets besides; `imports` are modules to load before the relay. */
export type RelayOptions = {
  databaseUrl: string
  topic: string
  instance?: string
  env?: Record<string, string>
  imports?: string[]
}

const main = new URL('../src/main.ts', import.meta.url).pathname

export function startRelay({
  databaseUrl,
  topic,
  instance = 'relay-1',
  env = {},
  imports = [],
}: RelayOptions): RelayProcess {
  const child = spawn(process.execPath, [...imports.flatMap((module) => ['--import', module]), main], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: inject('kafkaBrokers'),
      TOPICS: topic,
      HOST: '127.0.0.1',
      PORT: '0',
      INSTANCE: instance,
      RELAY_HOUSEKEEPING_MS: '200',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line))
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  const url = () =>
    vi.waitFor(() => {
      const found = lines.map((line) => /listening at (http:[^"]+)/.exec(line)?.[1]).find((match) => match)
      if (!found) throw new Error(`the relay doesn't listen yet: ${lines.join('\n')}`)
      return found
    }, waiting)
  return {
    child,
    lines,
    url,
    exited,
    async ready() {
      const at = await url()
      await vi.waitFor(async () => {
        const answer = await fetch(`${at}/health/ready`)
        if (!answer.ok) throw new Error(await answer.text())
      }, waiting)
    },
    end(signal) {
      child.kill(signal)
      return exited
    },
    async [Symbol.asyncDispose]() {
      // SIGKILL also ends one that was stopped by SIGSTOP.
      child.kill('SIGKILL')
      await exited
    },
  }
}

const waiting = { timeout: 30_000, interval: 20 }
