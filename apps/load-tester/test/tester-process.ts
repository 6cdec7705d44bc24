import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The load tester as a process of its own. Leaving the scope ends it, and removes the record of its run. */
export type TesterProcess = AsyncDisposable & {
  signal(signal: NodeJS.Signals): void
  /** What it has said until now. */
  said(): string
  /** Waits for its end. `said`: both streams, as they came. */
  ended(): Promise<{ code: number | null; said: string; stdout: string }>
}

/** @param around where the system is, and the environment's variables beside PATH */
export function startTester(
  runId: string,
  options: readonly string[],
  around: { databaseUrl: string; producers: string; env?: Record<string, string> },
): TesterProcess {
  const { databaseUrl, producers, env } = around
  const child = spawn(process.execPath, [join(root, 'apps', 'load-tester', 'src', 'main.ts'), ...options], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, PRODUCER_URLS: producers, ...env },
  })
  let [said, stdout] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const closed = once(child, 'close')
  return {
    signal: (signal) => void child.kill(signal),
    said: () => said,
    async ended() {
      const [code] = await closed
      return { code, said, stdout }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
      await rm(join(root, '.loadtest', runId), { recursive: true, force: true })
    },
  }
}
