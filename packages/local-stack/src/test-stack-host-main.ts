import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalStackError } from './local-stack-error.ts'
import { startStack } from './start-stack.ts'

/** What the host tells who is attached, a line of JSON each. */
export type HostMessage =
  | { report: string }
  | { ready: { databaseUrl: string; kafkaBrokers: string } }
  | { failed: { code: `OUTBOX_${string}`; message: string } }
  | { stopping: true }

/**
 * The program that holds the stack of all test processes: `node test-stack-host-main.ts FOLDER LINGER_MS`.
 * It starts the stack, tells each process that connects where it is, and stops it when the last has gone. A test
 * process needn't say goodbye: its connection ends with it.
 */
const [folder = '', lingerMs = ''] = process.argv.slice(2)
const POLL_MS = 50
const attached = new Set<Socket>()
const told: HostMessage[] = []

try {
  await using stack = await startStack({
    folder,
    report: (line) => tellAll({ report: line }),
    throwAway: true,
    javaHome: process.env.JAVA_HOME,
    serve: attach,
  })
  tellAllAndLater({ ready: { databaseUrl: stack.databaseUrl, kafkaBrokers: stack.kafkaBrokers } })
  await lastHasGone()
  // Whoever comes from now on shall try again once this is over.
  tellAllAndLater({ stopping: true })
} catch (error) {
  const isKnown = error instanceof LocalStackError
  // Another host was quicker: its owner is whom the others attach to.
  if (!isKnown || error.code !== 'OUTBOX_FOLDER_IN_USE') {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    const message = error instanceof Error ? error.message : String(error)
    tellAll({ failed: { code: isKnown ? error.code : 'OUTBOX_SERVICE_FAILED', message } })
    process.exitCode = 1
  }
}
for (const socket of attached) socket.end()

function attach(socket: Socket): void {
  attached.add(socket)
  socket.once('close', () => attached.delete(socket))
  socket.resume()
  for (const message of told) tell(socket, message)
}

/** Who attaches from now on is told this alone. */
function tellAllAndLater(message: HostMessage): void {
  told.length = 0
  tellAll(message)
}

function tellAll(message: HostMessage): void {
  told.push(message)
  for (const socket of attached) tell(socket, message)
}

function tell(socket: Socket, message: HostMessage): void {
  socket.write(`${JSON.stringify(message)}\n`)
}

async function lastHasGone(): Promise<void> {
  for (let lastSeen = Date.now(); Date.now() - lastSeen < Number(lingerMs); await sleep(POLL_MS)) {
    if (attached.size > 0) lastSeen = Date.now()
  }
}
