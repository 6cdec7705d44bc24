import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectToOwner } from './claim-folder.ts'
import { lastLogLines } from './last-log-lines.ts'
import { LocalStackError } from './local-stack-error.ts'
import type { Stack } from './start-stack.ts'
import type { HostMessage } from './test-stack-host-main.ts'

/** It is another process's, which nobody here may harm. */
export type TestStack = Omit<Stack, 'services'>

export type Attachment = {
  /** One stack a folder. */
  folder: string
  /** Told each step of the stack's start, also when somebody else began it. */
  report?: (line: string) => void
  /** How long the stack stays up for the next process after the last has gone. */
  lingerMs?: number
}

const HOST = fileURLToPath(new URL('./test-stack-host-main.ts', import.meta.url))
const POLL_MS = 50
const ATTEMPTS = 20

/**
 * Joins the stack that all test processes share; the first to come starts it, the end of the last one stops it. It
 * is held by a process of its own, so that the first may leave before the others.
 * @throws {LocalStackError} whatever kept the stack from starting
 */
export async function attachTestStack({ folder, report = () => {}, lingerMs = 3_000 }: Attachment): Promise<TestStack> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const socket = (await connectToOwner(folder)) ?? (await startHost(folder, lingerMs))
    const stack = socket && (await whenReady(socket, report))
    if (stack) return stack
  }
  throw new LocalStackError(
    'OUTBOX_SERVICE_FAILED',
    `the test stack in ${folder} ended ${ATTEMPTS} times while it was joined`,
  )
}

/** @returns undefined when this host gave way to another's, which may have ended since */
async function startHost(folder: string, lingerMs: number): Promise<Socket | undefined> {
  mkdirSync(folder, { recursive: true })
  const logFile = join(folder, 'host.log')
  const log = openSync(logFile, 'a')
  const host = spawn(process.execPath, [HOST, folder, String(lingerMs)], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  host.unref()
  const exitCode = new Promise<number>((resolve) => {
    host.once('error', () => resolve(1))
    host.once('exit', (code) => resolve(code ?? 1))
  })
  for (;;) {
    const socket = await connectToOwner(folder)
    if (socket) return socket
    const code = await Promise.race([exitCode, sleep(POLL_MS)])
    if (code === 0) return undefined
    if (code !== undefined) {
      throw new LocalStackError('OUTBOX_SERVICE_FAILED', `the test stack did not start: ${await lastLogLines(logFile)}`)
    }
  }
}

/** @returns undefined when the host is stopping, once it has */
async function whenReady(socket: Socket, report: (line: string) => void): Promise<TestStack | undefined> {
  for await (const line of createInterface({ input: socket })) {
    const message: HostMessage = JSON.parse(line)
    if ('report' in message) report(message.report)
    if ('failed' in message) throw new LocalStackError(message.failed.code, message.failed.message)
    if ('ready' in message) {
      // Being attached is no reason to go on running.
      socket.unref()
      return { ...message.ready, [Symbol.asyncDispose]: async () => void socket.destroy() }
    }
  }
  return undefined
}
