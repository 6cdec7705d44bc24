import { expect, test } from 'vitest'
import { AssignedPartitions } from '../src/assigned-partitions.ts'

const at = (partition: number) => ({ topic: 'events', partition })

test('the lag is known once both the next offset and the end are', () => {
  const partitions = new AssignedPartitions()
  partitions.assign([at(0), at(1)])
  partitions.note(at(0), { logEnd: 10n })
  expect(partitions.all[0]?.lag).toBeUndefined()
  partitions.note(at(0), { nextOffset: 7n })
  partitions.note(at(1), { nextOffset: 5n, logEnd: 4n })
  expect(partitions.all.map(({ lag }) => lag)).toEqual([3n, 0n])
  expect(partitions.lag).toBe(3n)
})

test('news of a partition that another member has are dropped', () => {
  const partitions = new AssignedPartitions()
  partitions.assign([at(0)])
  partitions.note(at(1), { nextOffset: 1n, logEnd: 9n })
  expect(partitions.all).toHaveLength(1)
  expect(partitions.lag).toBe(0n)
})

test('each stopped partition is named with its reason, until a rebalance', () => {
  const partitions = new AssignedPartitions()
  partitions.assign([at(0), at(1), at(2)])
  expect(partitions.trouble).toBeUndefined()
  partitions.note(at(0), { stopped: { code: 'OUTBOX_LOG_CUT', reason: 'cut' } })
  partitions.note(at(2), { stopped: { code: 'OUTBOX_TOPIC_REMADE', reason: 'remade' } })
  expect(partitions.trouble).toBe('events/0: cut; events/2: remade')
  partitions.assign([at(0), at(1)])
  expect(partitions.trouble).toBeUndefined()
})
