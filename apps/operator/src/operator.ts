import type { Readable } from 'node:stream'
import type { Environment } from '@outbox/service/read-settings'

/** Where a command runs: what it is told by, and what it says. */
export type Operator = {
  /** The project's folder, for `.outbox/system.json`. */
  root: string
  env: Environment
  stdin: Readable & { isTTY?: boolean }
  stdout: Output
  stderr: Output
  /**
   * Aborts on Ctrl-C from now on, or when nobody reads any more, for what must not stop halfway; until it is asked for, Ctrl-C
   * ends the command.
   * @param options.silently for what has nothing to finish, and so nothing to say about it
   */
  interrupt: (options?: { silently: boolean }) => AbortSignal
}

export type Output = { write(text: string): unknown; columns?: number; rows?: number; isTTY?: boolean }

/** A mistake, or a state of things, that one message explains; its code is the exit code. */
export class OperatorError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.name = 'OperatorError'
    this.exitCode = exitCode
  }
}
