import { makeTick } from '@outbox/outbox/make-tick'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PoisonedLog } from './poisoned-log.ts'
import { outboxDatabase } from './written-log.ts'

const appended = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), poison: fc.boolean() }), {
  minLength: 1,
  maxLength: 6,
})

/** What happens next; a topic that is spoilt takes nothing until it is cured. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append: appended }) },
  { weight: 4, arbitrary: fc.record({ relay: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 10,
    arbitrary: fc.constantFrom(
      'failBefore',
      'failAfter',
      'landAndSpoil',
      'loseRequest',
      'loseAnswer',
      'killRelay',
      'requeue',
      'tick',
      'spoil',
      'cure',
    ),
  },
)

type Step = typeof step extends fc.Arbitrary<infer Next> ? Next : never

/** One of three waits among messages of which the first stands in the log again, and the third was appended behind that. */
const overtaken: Step[] = [
  { append: [{ key: 'a', poison: true }] },
  { relay: 2 },
  { append: [{ key: 'a', poison: false }] },
  'cure',
  'requeue',
  'loseAnswer',
  { relay: 1 },
  { append: [{ key: 'a', poison: false }] },
  { relay: 1 },
]

async function take(log: PoisonedLog, next: Step): Promise<void> {
  if (typeof next === 'string') await log[next]()
  else if ('append' in next) await log.append(next.append)
  else await log.relay(next.relay)
}

test('hold-key: whatever is refused, fails or dies, each message comes once, in the order of its key', async () => {
  await using database = await outboxDatabase()
  const { pool } = database
  await makeTick(pool, { topicPartitions: new Map([['held', 6]]) })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      run += 1
      await using log = await PoisonedLog.start(pool, { topic: 'held', run })
      for (const next of steps) await take(log, next)
      await log.resolve()
      expect(log.arrived()).toEqual(log.appended)
    }),
    { numRuns: 60, examples: [[overtaken]] },
  )
})
