import { Pool } from 'undici'
import { partOf, type UsageReader, type UsageReading } from './usage-reader.ts'

/** The project's name in compose.yaml. */
const project = 'outbox'
const timeoutMs = 1_000
/** How often it is looked for containers that have come. */
const listEvery = 10

type Container = { id: string; name: string; part: UsageReading['part'] }

/** The reader of the containers, and the end of its connections. */
export type ContainerUsage = { read: UsageReader; close(): Promise<void> }

/**
 * Reads what the containers of Compose use, from the Docker engine.
 * @param socketPath the engine's socket
 * @returns undefined when no engine answers there, or it has none of them
 */
export async function containerUsage(socketPath: string): Promise<ContainerUsage | undefined> {
  const engine = new Pool('http://engine', {
    socketPath,
    connections: 4,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs },
  })
  const get = async (path: string) => {
    const { statusCode, body } = await engine.request({ path, method: 'GET' })
    const answer: unknown = await body.json()
    if (statusCode !== 200) throw new Error(`the engine answers ${statusCode} to ${path}`)
    return answer
  }
  let containers = await listContainers(get).catch(() => [])
  if (containers.length === 0) {
    await engine.close()
    return undefined
  }

  const starts = countStarts()
  let reads = 0
  return {
    async read() {
      reads += 1
      if (reads % listEvery === 0) containers = await listContainers(get).catch(() => containers)
      const readings = await Promise.all(
        containers.map(({ id, name, part }) =>
          get(`/containers/${id}/stats?stream=false&one-shot=true`).then(
            (stats) => [{ name, part, ...starts(id, usedOf(stats as Stats)) }],
            () => [],
          ),
        ),
      )
      return readings.flat()
    },
    close: () => engine.destroy(),
  }
}

type Listed = { Id: string; Labels: Record<string, string | undefined> }

async function listContainers(get: (path: string) => Promise<unknown>): Promise<Container[]> {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] })
  const listed = (await get(`/containers/json?filters=${encodeURIComponent(filters)}`)) as Listed[]
  return listed.flatMap(({ Id: id, Labels }) => {
    const service = Labels['com.docker.compose.service'] ?? ''
    const part = partOf(service)
    if (part === undefined) return []
    // There is one of each of these.
    const isAlone = service === 'postgres' || service === 'kafka'
    return [{ id, part, name: isAlone ? service : `${service}-${Labels['com.docker.compose.container-number'] ?? 1}` }]
  })
}

type Stats = {
  cpu_stats?: { cpu_usage?: { total_usage?: number } }
  memory_stats?: { usage?: number; stats?: { inactive_file?: number } }
}

/** Memory as `docker stats` has it: without the files that the kernel would give up. */
function usedOf({ cpu_stats, memory_stats }: Stats): { cpuMs: number; memoryBytes: number } {
  return {
    cpuMs: (cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e6,
    memoryBytes: Math.max((memory_stats?.usage ?? 0) - (memory_stats?.stats?.inactive_file ?? 0), 0),
  }
}

/** A container that is started again keeps its id, and only its counter shows it, which begins anew. */
function countStarts() {
  const seen = new Map<string, { starts: number; cpuMs: number }>()
  return <Used extends { cpuMs: number }>(id: string, used: Used): Used & { incarnation: string } => {
    const before = seen.get(id) ?? { starts: 0, cpuMs: 0 }
    const starts = used.cpuMs < before.cpuMs ? before.starts + 1 : before.starts
    seen.set(id, { starts, cpuMs: used.cpuMs })
    return { ...used, incarnation: `${id}/${starts}` }
  }
}
