import { isFree } from './free-port.ts'
import { LocalStackError } from './local-stack-error.ts'

/**
 * Makes sure that apps will be able to listen, before anything is started.
 * @throws {LocalStackError} OUTBOX_PORT_TAKEN, naming all taken ports
 */
export async function checkPorts(apps: readonly { name: string; port: number }[]): Promise<void> {
  const taken: string[] = []
  for (const { name, port } of apps) {
    if (!(await isFree(port))) taken.push(`${port} (${name})`)
  }
  if (taken.length === 0) return
  const ports = taken.length === 1 ? `port ${taken[0]} is` : `ports ${taken.join(', ')} are`
  throw new LocalStackError(
    'OUTBOX_PORT_TAKEN',
    `${ports} taken: stop what listens there, perhaps another npm start or docker compose, and try again`,
  )
}
