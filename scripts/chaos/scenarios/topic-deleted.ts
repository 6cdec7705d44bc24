import { asAdmin } from '../../as-admin.ts'
import type { ChaosSystem } from '../chaos-system.ts'
import { startLoad } from '../load.ts'
import type { Scenario } from '../scenario.ts'
import { consumers } from '../system-shape.ts'

const topic = 'chaos-doomed'
const LOUD_MS = 90_000

export const topicDeleted: Scenario = {
  name: 'topic-deleted',
  numbers: [18],
  does: 'a topic is deleted: its consumers stop and say so, nothing is dropped in silence, and the remedy they name works',
  system: async () => ({ moreTopics: [topic] }),
  async inflict(system) {
    // More than is sent afterwards: a topic that has grown beyond what a group has read can't be told from the old one.
    const before = await startLoad(system, { messages: 1_200, batchSize: 4, concurrency: 4, keys: 100, topic })
    const { code } = await before.exited
    if (code !== 0) throw new Error(`the load test before it ended with ${code}`)
    await judge(system, before.run)
    await asAdmin(system.kafka.brokers, (admin) => admin.deleteTopics({ topics: [topic] }))

    const after = await startLoad(system, { messages: 120, batchSize: 4, concurrency: 4, keys: 100, topic })
    await stopsLoudly(system)
    await remedy(system)
    const ended = await after.exited
    if (ended.code !== 0) throw new Error(`after the remedy the load test ended with ${ended.code ?? ended.signal}`)
  },
}

/** All of this run took effect: what became of its rows needn't be looked for in a topic that is gone. */
async function judge({ pool, judgedRows, runs }: ChaosSystem, run: string): Promise<void> {
  const { rows } = await pool.query<{ id: string }>('select id from outbox.message where topic = $1', [topic])
  for (const { id } of rows) judgedRows.add(Number(id))
  runs.splice(runs.indexOf(run), 1)
}

/** Waits until some consumer isn't ready any more, and names the topic and what to do. */
async function stopsLoudly({ app, sleep }: ChaosSystem): Promise<void> {
  for (const deadline = Date.now() + LOUD_MS; Date.now() < deadline; await sleep(500)) {
    for (const name of consumers) {
      const answer = await fetch(`${app(name).url}/health/ready`)
      const text = await answer.text()
      if (answer.status === 503 && text.includes(topic) && text.includes('Set next_offset')) return
    }
  }
  throw new Error('no consumer says that its partition is stopped')
}

/** What the consumers' messages ask for. */
async function remedy({ pool, app, ready }: ChaosSystem): Promise<void> {
  for (const name of consumers) await app(name).hold('stop')
  await pool.query('update inbox.kafka_offset set next_offset = null where topic = $1', [topic])
  for (const name of consumers) app(name).release()
  await ready(consumers)
}
