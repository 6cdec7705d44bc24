import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { inject, vi } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The path of a test's handler. */
export const recordEffects = fileURLToPath(new URL('./handlers/record-effects.ts', import.meta.url))

/** A consumer as a process of its own; leaving the scope kills it. */
export type ConsumerProcess = AsyncDisposable & {
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>
  /** Lines of its log, parsed, then those of its standard error. */
  log: Record<string, unknown>[]
  stderr: string[]
  get(path: string): Promise<{ status: number; body: string }>
  status(): Promise<ConsumerStatus>
  /** Waits until `/health/ready` says 200. */
  ready(): Promise<void>
}

export type ConsumerStatus = {
  group: string
  lag: string
  counts: Record<'applied' | 'duplicates' | 'deadLettered' | 'replayed', number>
  partitions: { topic: string; partition: number; nextOffset?: string; lag?: string; stopped?: { code: string } }[]
}

/** Starts a member of a group, with short time-outs and small batches unless `env` says otherwise. */
export function startConsumer(env: Record<string, string>): ConsumerProcess {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      KAFKA_BROKERS: inject('kafkaBrokers'),
      HOST: '127.0.0.1',
      PORT: '0',
      CONSUMER_HANDLER: recordEffects,
      CONSUMER_SESSION_TIMEOUT_MS: '6000',
      CONSUMER_BATCH_BYTES: '2048',
      CONSUMER_UPKEEP_MS: '200',
      CONSUMER_BACKOFF_FIRST_MS: '5',
      CONSUMER_BACKOFF_MAX_MS: '50',
      DATABASE_IDLE_IN_TRANSACTION_MS: '2000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const log: Record<string, unknown>[] = []
  const stderr: string[] = []
  createInterface(child.stdout).on('line', (line) => log.push(JSON.parse(line)))
  createInterface(child.stderr).on('line', (line) => stderr.push(line))

  const get = async (path: string) => {
    const answer = await fetch(`${addressIn(log)}${path}`, { signal: AbortSignal.timeout(2_000) })
    return { status: answer.status, body: await answer.text() }
  }
  return {
    kill: (signal) => void child.kill(signal),
    exited,
    log,
    stderr,
    get,
    status: async () => JSON.parse((await get('/status')).body),
    ready: () =>
      waitUntil(async () => {
        const { status, body } = await get('/health/ready')
        if (status !== 200) throw new Error(`not ready: ${body}; ${stderr.join('\n')}`)
      }),
    [Symbol.asyncDispose]: () => end(child, exited),
  }
}

/** Waits up to 60 s until `check` no longer throws. */
export async function waitUntil<Result>(check: () => Promise<Result> | Result): Promise<Result> {
  return await vi.waitFor(check, { timeout: 60_000, interval: 50 })
}

function addressIn(log: Record<string, unknown>[]): string {
  for (const { msg } of log) {
    const address = /listening at (http:\S+)/.exec(String(msg))?.[1]
    if (address) return address
  }
  throw new Error('it does not listen yet')
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  // A stopped process takes SIGKILL too.
  child.kill('SIGKILL')
  await exited
}
