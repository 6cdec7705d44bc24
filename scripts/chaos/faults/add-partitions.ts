import { asAdmin } from '../../as-admin.ts'
import type { Fault } from '../fault.ts'
import { startLoad } from '../load.ts'
import { topics } from '../system-shape.ts'

const MESSAGES = 1_000
const BEFORE_MS = 2_000
const topic = topics.growing

export const addPartitions: Fault = {
  name: 'add-partitions',
  numbers: [18],
  does: 'a topic is given more partitions under load: each place stays in its partition, and nothing is lost',
  draw(random) {
    const more = random.between(1, 3)
    return {
      details: `${more} more`,
      lastsMs: 30_000,
      async inflict(system) {
        // A key has one message here: across that moment the order of a key holds per partition only, as everywhere in Kafka.
        const load = await startLoad(system, {
          messages: MESSAGES,
          batchSize: 4,
          concurrency: 2,
          keys: MESSAGES,
          topic,
        })
        await system.sleep(BEFORE_MS)
        await grow(system.kafka.brokers, more)
        const { code } = await load.exited
        if (code !== 0) throw new Error(`the load test on ${topic} ended with ${code}`)
      },
    }
  },
}

async function grow(brokers: string, more: number): Promise<void> {
  await asAdmin(brokers, async (admin) => {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] })
    const count = (found[0]?.partitions.length ?? 0) + more
    await admin.createPartitions({ topicPartitions: [{ topic, count }] })
  })
}
