import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const LISTENING = '0A'
const HERE = ['127.0.0.1', 'localhost', '::1', '[::1]']

/**
 * The process behind a server's address.
 * @param command its name in the process list: a container's port is listened on by the engine's own process
 * @returns undefined when it runs elsewhere, or where there is no /proc
 * @see proc(5): /proc/net/tcp, /proc/pid/fd
 */
export function serverPid({ host, port, command }: { host: string; port: number; command: string }) {
  if (!HERE.includes(host)) return undefined
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningSockets(file, port))
  return readFolder('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/comm`).trim() === command)
    .map(Number)
    .sort((a, b) => a - b)
    .find((pid) => openFiles(pid).some((file) => sockets.includes(file)))
}

/** PostgreSQL's process; 0, which is nobody's, where it runs elsewhere. */
export function databasePid(databaseUrl: string): number {
  const { hostname, port } = new URL(databaseUrl)
  return serverPid({ host: hostname, port: Number(port || 5432), command: 'postgres' }) ?? 0
}

/** As their file descriptors name them: `socket:[inode]`. */
function listeningSockets(table: string, port: number): string[] {
  const rows = read(table).split('\n').slice(1)
  return rows.flatMap((row) => {
    const [, address = '', , state, , , , , , inode] = row.trim().split(/\s+/)
    const listensHere = state === LISTENING && Number.parseInt(address.split(':')[1] ?? '', 16) === port
    return listensHere ? [`socket:[${inode}]`] : []
  })
}

function openFiles(pid: number): string[] {
  return readFolder(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

/** @returns nothing when there is no such folder, or it's closed to us */
function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** @returns an empty string when there is no such file */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
