import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimFolder, connectToOwner } from '../src/claim-folder.ts'
import { freePort } from '../src/free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('a claimed folder is refused to others, with the owner’s process id', async () => {
  await using folder = await temporaryFolder()
  await using _claim = await claimFolder(folder.path)
  await expect(claimFolder(folder.path)).rejects.toMatchObject({
    code: 'OUTBOX_FOLDER_IN_USE',
    message: expect.stringContaining(`process ${process.pid}`),
  })
})

test('of many that claim a folder at once, one gets it, and again after it has gone', async () => {
  await using folder = await temporaryFolder()
  for (let round = 1; round <= 5; round++) {
    const claims = await Promise.allSettled(Array.from({ length: 20 }, () => claimFolder(folder.path)))
    const won = claims.filter((claim) => claim.status === 'fulfilled')
    expect(won).toHaveLength(1)
    await won[0]?.value[Symbol.asyncDispose]()
  }
})

test('the record of a dead owner is in nobody’s way, not even when its port is someone else’s now', async () => {
  await using folder = await temporaryFolder()
  await using stranger = await temporaryFolder()
  const record = { pid: 1, port: await freePort(), token: 'dead' }
  await writeFile(join(folder.path, 'owner-7.json'), JSON.stringify(record))
  expect(await connectToOwner(folder.path)).toBeUndefined()
  await (await claimFolder(folder.path))[Symbol.asyncDispose]()

  await using _other = await claimFolder(stranger.path, (socket) => socket.end('longer than a token, and wrong'))
  const [name = ''] = await readdir(stranger.path)
  const { port } = JSON.parse(await readFile(join(stranger.path, name), 'utf8'))
  await writeFile(join(folder.path, 'owner-9.json'), JSON.stringify({ ...record, port }))
  await using _claim = await claimFolder(folder.path)
})

test('who connects to a folder’s owner is served', async () => {
  await using folder = await temporaryFolder()
  await using _claim = await claimFolder(folder.path, (socket) => socket.end('hello'))
  const socket = await connectToOwner(folder.path)
  const received: unknown[] = await (socket?.toArray() ?? [])
  expect(received.join('')).toBe('hello')
})
