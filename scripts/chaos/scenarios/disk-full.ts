import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isAlive } from '@outbox/local-stack/end-process'
import type { ChaosSystem } from '../chaos-system.ts'
import type { Scenario } from '../scenario.ts'

const run = promisify(execFile)
const SIZE = '400m'
const FULL_MS = 15_000
const NOTICED_MS = 60_000
let disk = ''

export const diskFull: Scenario = {
  name: 'disk-full',
  numbers: [17],
  does: "the database's disk is full for a while: no false 202, and it goes on when there is room",
  async lacks() {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux, to mount a small tmpfs'
    return undefined
  },
  async system(resources) {
    // Not in the project: the user that PostgreSQL runs as may have no way there.
    disk = await mkdtemp('/var/tmp/outbox-disk-')
    await chmod(disk, 0o755)
    resources.defer(() => rm(disk, { recursive: true, force: true }))
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=755`, 'tmpfs', disk])
    resources.defer(async () => void (await run('umount', ['-l', disk])))
    return { postgresFolder: join(disk, 'postgres') }
  },
  async inflict(system) {
    const ballast = join(disk, 'ballast')
    await fill(ballast)
    try {
      await refuses(system)
      await system.sleep(FULL_MS)
    } finally {
      await rm(ballast)
    }
    // A server that can't write its log ends itself.
    if (!isAlive(system.postgres.pid)) await system.postgres.start()
  },
}

/** Leaves no room for another page. */
async function fill(ballast: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk)
  await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC') throw error
  })
}

/** Waits until a producer answers otherwise than 202. */
async function refuses({ expectUnavailable, sleep }: ChaosSystem): Promise<void> {
  for (const deadline = Date.now() + NOTICED_MS; Date.now() < deadline; await sleep(200)) {
    const refused = await expectUnavailable().then(
      () => true,
      () => false,
    )
    if (refused) return
  }
  throw new Error('the producers never noticed that the disk is full')
}
