import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program of test/programs that has printed its first line; leaving the scope kills it. */
export type RunningProgram = AsyncDisposable & { child: ChildProcess; firstLine: string; kill(): Promise<void> }

export async function runProgram(name: string, ...args: string[]): Promise<RunningProgram> {
  const program = fileURLToPath(import.meta.resolve(`./programs/${name}.ts`))
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const [firstLine] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`))),
  ])
  return { child, firstLine, kill, [Symbol.asyncDispose]: kill }
}
