import { spawn } from 'node:child_process'

/** The operator's command as a process of its own, as its users run it. Leaving the scope kills it. */
export type OperatorProcess = AsyncDisposable & {
  out(): string
  err(): string
  /** Stops reading what it says, as `| head` does. */
  closeOut(): void
  signal(name: NodeJS.Signals): void
  exited: Promise<number | NodeJS.Signals | null>
}

const main = new URL('../src/main.ts', import.meta.url).pathname

export function startOperator(args: readonly string[], { databaseUrl }: { databaseUrl: string }): OperatorProcess {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text))
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  return {
    out: () => said.out,
    err: () => said.err,
    closeOut: () => child.stdout.destroy(),
    signal: (name) => child.kill(name),
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
