import { setTimeout as sleep } from 'node:timers/promises'
import { lastLogLines } from './last-log-lines.ts'
import { type Exit, type GuardedCommand, spawnGuarded } from './spawn-guarded.ts'

/** A process that is started again whenever it ends. Leaving the scope stops it. */
export type SupervisedProcess = AsyncDisposable & {
  name: string
  /** Another one after each start. */
  readonly pid: number
  /** Whether it is kept running; false once it was stopped or has ended with `EXIT_CONFIG`. */
  readonly kept: boolean
  /**
   * Ends it, by SIGKILL or as it is stopped otherwise, and keeps it down until `release`.
   * @returns how it ended
   */
  hold(how: 'stop' | 'kill'): Promise<Exit>
  /** Starts it again. */
  release(): void
}

export type Supervision = GuardedCommand & {
  name: string
  /** Told in a line why it ended and what is done about it. */
  report: (line: string) => void
  /** Told of each start but the first. */
  onRestart?: (pid: number) => void
  backOff?: Partial<BackOff>
}

/** The wait before a start (ms): doubles from `firstMs` to `ceilingMs`, anew after a run of `stableMs`. */
export type BackOff = { firstMs: number; ceilingMs: number; stableMs: number }

/** EX_CONFIG of sysexits.h: a setting is wrong, which no further start can mend. */
export const EXIT_CONFIG = 78

const BACK_OFF: BackOff = { firstMs: 200, ceilingMs: 10_000, stableMs: 10_000 }

/** Starts a process and keeps it running until it is stopped, or until it says that it is set up wrongly. */
export async function superviseProcess(options: Supervision): Promise<SupervisedProcess> {
  const { name, report, onRestart = () => {} } = options
  const { firstMs, ceilingMs, stableMs } = { ...BACK_OFF, ...options.backOff }
  const stop = new AbortController()
  let current = await spawnGuarded(options)
  let kept = true
  let held: PromiseWithResolvers<void> | undefined

  const keepRunning = async () => {
    let failures = 0
    for (let startedAt = Date.now(); ; startedAt = Date.now()) {
      const exit = await current.exited
      if (stop.signal.aborted) return
      if (exit.code === EXIT_CONFIG) {
        report(`${name} is set up wrongly and stays down: ${await lastLogLines(options.logFile, 1)}`)
        return
      }
      failures = Date.now() - startedAt < stableMs ? failures + 1 : 1
      const waitMs = Math.min(ceilingMs, firstMs * 2 ** (failures - 1))
      if (held === undefined) await sleep(waitMs, undefined, { signal: stop.signal }).catch(() => {})
      const wasHeld = held !== undefined
      await held?.promise
      if (stop.signal.aborted) return
      current = await spawnGuarded(options)
      const when = wasHeld ? 'when it was released' : `after ${waitMs / 1_000} s`
      report(`${name} ${describe(exit)}; started again ${when} (pid ${current.pid})`)
      onRestart(current.pid)
    }
  }
  const finished = keepRunning().finally(() => {
    kept = false
  })
  finished.catch((error) => report(`${name} can't be started again: ${error.message}`))
  return {
    name,
    get pid() {
      return current.pid
    },
    get kept() {
      return kept
    },
    async hold(how) {
      held ??= Promise.withResolvers()
      if (how === 'stop') return await current.end()
      current.signal('SIGKILL')
      return await current.exited
    },
    release() {
      held?.resolve()
      held = undefined
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      held?.resolve()
      await current.end()
      await finished.catch(() => {})
    },
  }
}

function describe({ code, signal }: Exit): string {
  return signal === null ? `ended with code ${code}` : `was killed by ${signal}`
}
