import { Gauge, type Registry } from 'prom-client'
import type { PartitionState } from './assigned-partitions.ts'

/**
 * Registers what a member tells of each partition that it has, asked at each scrape: one that another member has by now is that
 * member's to tell about.
 */
export function partitionMetrics(
  registry: Registry,
  { group, partitions }: { group: string; partitions: () => readonly PartitionState[] },
): void {
  const common = { labelNames: ['group', 'topic', 'partition'], registers: [registry] }
  const show = (gauge: Gauge, read: (state: PartitionState) => number | undefined) => {
    gauge.reset()
    for (const state of partitions()) {
      const value = read(state)
      const { topic, partition } = state
      if (value !== undefined) gauge.set({ group, topic, partition }, value)
    }
  }
  new Gauge({
    name: 'outbox_consumer_lag_messages',
    help: "Between the group's next offset and the end of the partition, as last heard.",
    ...common,
    collect() {
      show(this, ({ lag }) => (lag === undefined ? undefined : Number(lag)))
    },
  })
  new Gauge({
    name: 'outbox_consumer_partition_stopped',
    help: '1 where an operator must decide before the partition goes on; else 0.',
    ...common,
    collect() {
      show(this, ({ stopped }) => (stopped ? 1 : 0))
    },
  })
  new Gauge({
    name: 'outbox_consumer_partition_held',
    help: '1 where a message that fails holds the partition, as the group may keep no more dead letters; else 0.',
    ...common,
    collect() {
      show(this, ({ held }) => (held === undefined ? 0 : 1))
    },
  })
}
