import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file that holds a secret, for a setting `NAME_FILE`. Leaving the scope removes it. */
export async function secretFile(secret: string): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'secret-'))
  const path = join(folder, 'secret')
  await writeFile(path, `${secret}\n`)
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
