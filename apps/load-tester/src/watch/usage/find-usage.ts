import type { RunningSystem } from '@outbox/service/running-system'
import { containerUsage } from './container-usage.ts'
import { ownUsage } from './own-usage.ts'
import { processUsage } from './process-usage.ts'
import type { UsageReader } from './usage-reader.ts'

/** The way to what the system uses, and what of it can't be told. */
export type FoundUsage = {
  read: UsageReader
  /** Why something is missing, in a sentence; undefined where nothing is. */
  missing: string | undefined
  close(): Promise<void>
}

/** Where to look. */
export type UsageSources = {
  /** The system that is sent to, as it is now, where it runs on this machine under `npm start`. */
  running: () => RunningSystem | undefined
  dockerHost: string | undefined
  platform: NodeJS.Platform
}

const usualSocket = '/var/run/docker.sock'

/** Finds out how to read what the system uses: from its processes, else from the engine of its containers. The tester's own is always there. */
export async function findUsage({ running, dockerHost, platform }: UsageSources): Promise<FoundUsage> {
  const system = running()
  if (system !== undefined && platform === 'linux') {
    const missing =
      (system.services ?? []).length === 2
        ? undefined
        : 'What PostgreSQL and Kafka used is not known: they are no processes of this system.'
    return { read: withOwn(processUsage(running)), missing, close: async () => {} }
  }
  const containers = system === undefined ? await containerUsage(socketOf(dockerHost)) : undefined
  if (containers !== undefined) return { ...containers, read: withOwn(containers.read), missing: undefined }
  const why =
    system === undefined
      ? 'it runs neither under npm start in this folder nor in containers of an engine that answers here'
      : 'its processes can be read on Linux only'
  return { read: withOwn(async () => []), missing: `What the system used is not known: ${why}.`, close: async () => {} }
}

function withOwn(read: UsageReader): UsageReader {
  return async () => [...(await read()), ownUsage()]
}

/** The path of a Unix socket; an engine elsewhere has no containers of this machine. */
function socketOf(dockerHost: string | undefined): string {
  return dockerHost?.startsWith('unix://') ? dockerHost.slice('unix://'.length) : usualSocket
}
