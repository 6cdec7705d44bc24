import type { KafkaConnection } from './connect-kafka.ts'
import { withAdmin } from './with-admin.ts'

/** A consumer group as Kafka knows it: `state` is Stable, Empty, Dead (also for one that it never heard of) and so on. */
export type GroupState = { group: string; state: string; members: number }

/** In the order given. */
export function groupStates(connection: KafkaConnection, groups: readonly string[]): Promise<GroupState[]> {
  if (groups.length === 0) return Promise.resolve([])
  return withAdmin(connection, async (admin) => {
    const described = await admin.describeGroups([...groups])
    return groups.map((group) => {
      const found = described.groups.find(({ groupId }) => groupId === group)
      return { group, state: found?.state || 'Dead', members: found?.members.length ?? 0 }
    })
  })
}
