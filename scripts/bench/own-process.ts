import { fork } from 'node:child_process'
import { on } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A program of this folder that runs in a process of its own. Leaving the scope ends it. */
export type OwnProcess = AsyncDisposable & {
  /**
   * What it says next.
   * @throws when it ends instead
   */
  next<Message>(): Promise<Message>
  /** Tells it something, and waits for what it says next. */
  ask<Question extends object, Answer>(question: Question): Promise<Answer>
}

/** No program of a benchmark takes that long, not on a slow machine either. */
const limitMs = 600_000
/** kafkajs sets timers to times long past, which Node warns of: github.com/tulios/kafkajs/issues/1751 */
const execArgv = ['--disable-warning=TimeoutNegativeWarning']

/**
 * Starts a program with an order as its one argument, in JSON; it answers with `process.send`, and its end comes with
 * this process's end, when `stop` aborts, or after ten minutes.
 */
export function startProgram(program: string, order: object, stop: AbortSignal): OwnProcess {
  const file = fileURLToPath(import.meta.resolve(`./${program}`))
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMs)])
  const child = fork(file, [JSON.stringify(order)], { execArgv, signal, stdio: ['ignore', 2, 2, 'ipc'] })
  // What went wrong is said by next().
  child.on('error', () => {})
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const messages = on(child, 'message', { close: ['exit'], signal })
  async function next<Message>(): Promise<Message> {
    const { value, done } = await messages.next()
    if (done) throw new Error(`${program} ended without a word (exit code ${child.exitCode})`)
    return value[0] as Message
  }
  return {
    next,
    ask<Question extends object, Answer>(question: Question) {
      child.send(question)
      return next<Answer>()
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}
