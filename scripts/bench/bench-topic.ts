import { randomBytes } from 'node:crypto'
import { asAdmin } from '../as-admin.ts'

/** A topic of a benchmark's own; leaving the scope deletes it. */
export type BenchTopic = AsyncDisposable & { topic: string }

/** Of every topic of the benchmarks, as of the system's own. */
export const partitionCount = 6

/** How the names of all topics of benchmarks begin. */
const prefix = 'bench-'

/** Makes an empty topic. */
export async function benchTopic(brokers: string): Promise<BenchTopic> {
  const topic = `${prefix}${randomBytes(6).toString('hex')}`
  await asAdmin(brokers, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: partitionCount }] }))
  return {
    topic,
    [Symbol.asyncDispose]: () => asAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] })),
  }
}

/** Deletes what killed runs have left on brokers that only benchmarks use. */
export async function deleteLeftTopics(brokers: string): Promise<void> {
  await asAdmin(brokers, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
  })
}
