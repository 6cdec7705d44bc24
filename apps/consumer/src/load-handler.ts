import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Handler } from '@outbox/inbox/handler'
import { handle } from '@outbox/ledger/ledger-handler'
import { migrateLedger } from '@outbox/ledger/migrate-ledger'
import { StartupError } from '@outbox/service/startup-error'
import type { Pool } from 'pg'

/** What a module named by CONSUMER_HANDLER exports. */
export type HandlerModule = {
  handle: Handler
  /** Makes what `handle` needs in the database. Called at each start, by several members at once. */
  prepare?: (pool: Pool) => Promise<unknown>
}

/**
 * The handler of this consumer.
 * @param path of its module, from the working directory; without one it is the ledger's
 * @throws {StartupError} when there is no such module, or it exports no function `handle`
 */
export async function loadHandler(path: string | undefined): Promise<HandlerModule> {
  if (path === undefined) return { handle, prepare: migrateLedger }
  const module = await importModule(path)
  for (const name of ['handle', 'prepare']) {
    const exported = module[name]
    if (typeof exported === 'function' || (name === 'prepare' && exported === undefined)) continue
    throw unusable(
      path,
      `exports ${exported === undefined ? 'no' : `a ${typeof exported} as`} ${name}: export a function`,
    )
  }
  return module as HandlerModule
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    throw unusable(
      path,
      `can't be loaded (${error instanceof Error ? error.message : error}): correct the path or the module`,
      error,
    )
  }
}

function unusable(path: string, why: string, cause?: unknown): StartupError {
  return new StartupError(`CONSUMER_HANDLER is ${JSON.stringify(path)}, which ${why}.`, { operatorNeeded: true, cause })
}
