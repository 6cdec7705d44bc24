import { randomBytes } from 'node:crypto'

/**
 * The name under which one run of a relay owns shards: its instance's name and a random part, so that a restarted relay
 * can't be mistaken for the one before.
 */
export function makeRelayName(instance: string): string {
  return `${instance}${separator}${randomBytes(6).toString('hex')}`
}

/** The instance's name within {@link makeRelayName}'s. */
export function instanceOf(relay: string): string {
  const end = relay.lastIndexOf(separator)
  if (end < 1) throw new RangeError(`"${relay}" is no relay's name: instance, "${separator}", random part`)
  return relay.slice(0, end)
}

const separator = '#'
