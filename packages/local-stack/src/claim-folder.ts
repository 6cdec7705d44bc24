import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { LocalStackError } from './local-stack-error.ts'

/** A folder that only this process uses, until it leaves the scope or dies. */
export type FolderClaim = AsyncDisposable

type Owner = { generation: number; pid: number; port: number; token: string }

const RECORD = /^owner-(\d+)\.json$/
const GREETING_MS = 10_000

/**
 * Claims a folder. The owner listens on a port that its record in the folder names, and greets with the record's
 * token: who doesn't, is dead, and needs no cleaning up. Records are numbered and the newest one is never deleted;
 * so whoever finds number n dead makes n + 1, which only one of them can.
 * @param serve is given every connection to the owner, after the greeting
 * @throws {LocalStackError} OUTBOX_FOLDER_IN_USE
 */
export async function claimFolder(
  folder: string,
  serve: (socket: Socket) => void = (socket) => socket.end(),
): Promise<FolderClaim> {
  await mkdir(folder, { recursive: true })
  const token = randomUUID()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write(`${token}\n`)
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  // Its connections, and whatever else this process does, decide how long it runs.
  server.unref()
  const { port } = server.address() as AddressInfo
  const owner = { pid: process.pid, port, token }
  for (;;) {
    const previous = await newestOwner(folder)
    const socket = previous && (await greetedBy(previous))
    if (previous && socket) {
      socket.destroy()
      server.close()
      throw new LocalStackError(
        'OUTBOX_FOLDER_IN_USE',
        `${folder} is in use by process ${previous.pid}; stop that first`,
      )
    }
    if (await makeRecord(folder, { ...owner, generation: (previous?.generation ?? 0) + 1 })) break
  }
  return {
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

/** @returns a connection to the folder's living owner, which has greeted; undefined when there is none */
export async function connectToOwner(folder: string): Promise<Socket | undefined> {
  const owner = await newestOwner(folder)
  return owner && (await greetedBy(owner))
}

async function newestOwner(folder: string): Promise<Owner | undefined> {
  const names = await readdir(folder).catch(() => [])
  const generations = names.flatMap((name) => RECORD.exec(name)?.[1] ?? []).map(Number)
  if (generations.length === 0) return undefined
  const generation = Math.max(...generations)
  const record = await readFile(recordFile(folder, generation), 'utf8').catch(() => undefined)
  // Deleted meanwhile, because there is a newer one.
  if (record === undefined) return await newestOwner(folder)
  return { ...JSON.parse(record), generation }
}

/** A hard link appears at once with its whole content, and fails where there is one already. */
async function makeRecord(folder: string, { generation, ...record }: Owner): Promise<boolean> {
  const draft = join(folder, `${record.token}.tmp`)
  await writeFile(draft, JSON.stringify(record))
  try {
    await link(draft, recordFile(folder, generation))
  } catch {
    return false
  } finally {
    await rm(draft)
  }
  await rm(recordFile(folder, generation - 1), { force: true })
  return true
}

function recordFile(folder: string, generation: number): string {
  return join(folder, `owner-${generation}.json`)
}

async function greetedBy({ port, token }: Owner): Promise<Socket | undefined> {
  const expected = `${token}\n`
  const socket = connect({ port, host: '127.0.0.1' })
  socket.setEncoding('utf8')
  const greeted = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), GREETING_MS)
    socket.once('close', () => resolve(false))
    socket.on('error', () => resolve(false))
    socket.on('readable', function read() {
      const greeting = socket.read(expected.length)
      if (greeting === null) return
      clearTimeout(timer)
      socket.off('readable', read)
      resolve(greeting === expected)
    })
  })
  if (greeted) return socket
  socket.destroy()
  return undefined
}
