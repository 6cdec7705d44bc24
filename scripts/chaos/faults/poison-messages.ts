import { appendMessages } from '@outbox/outbox/append-messages'
import type pg from 'pg'
import type { Fault } from '../fault.ts'
import { poisonKey, topics } from '../system-shape.ts'

/** More than the topic's max.message.bytes, which is 1 MiB where nobody has set it. */
const TOO_LARGE_BYTES = 1_500_000
const FORBIDDEN_TOPIC = 'chaos-not-allowed'
const PARKED_MS = 30_000

export const poisonMessages: Fault = {
  name: 'poison-messages',
  numbers: [19],
  does: 'messages that Kafka refuses for good stand among the others: they become dead letters, the others flow',
  draw(random) {
    const count = random.between(2, 6)
    return {
      details: `${count}, too large or of a topic that is not allowed`,
      lastsMs: 3_000,
      async inflict({ pool, sleep }) {
        const before = await deadLetters(pool)
        for (let index = 0; index < count; index++) {
          const tooLarge = index % 2 === 0
          await appendMessages(pool, [
            {
              topic: tooLarge ? topics.load : FORBIDDEN_TOPIC,
              key: poisonKey,
              payload: JSON.stringify('x'.repeat(tooLarge ? TOO_LARGE_BYTES : 10)),
            },
            { topic: topics.load, key: 'among poison', payload: '"flows"' },
          ])
        }
        for (const deadline = Date.now() + PARKED_MS; (await deadLetters(pool)) < before + count; await sleep(100)) {
          if (Date.now() > deadline) throw new Error(`not all ${count} became dead letters`)
        }
      },
    }
  },
}

/** One that is sent again, and refused again, is still the same one. */
async function deadLetters(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ letters: number }>(
    'select count(distinct first_id)::int as letters from outbox.dead_letter where key = $1',
    [poisonKey],
  )
  return rows[0]?.letters ?? 0
}
