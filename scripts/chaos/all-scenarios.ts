import type { Scenario } from './scenario.ts'
import { brokerAway } from './scenarios/broker-away.ts'
import { clockOff } from './scenarios/clock-off.ts'
import { coldStart } from './scenarios/cold-start.ts'
import { diskFull } from './scenarios/disk-full.ts'
import { fewFiles } from './scenarios/few-files.ts'
import { smallHeap } from './scenarios/small-heap.ts'
import { topicDeleted } from './scenarios/topic-deleted.ts'

/** Every scenario, in the order of docs/reliability.md. */
export const allScenarios: readonly Scenario[] = [
  brokerAway,
  diskFull,
  topicDeleted,
  clockOff,
  coldStart,
  smallHeap,
  fewFiles,
]
