import { TicksSweptError } from '@outbox/outbox/read-ticks'
import { expect, test } from 'vitest'
import { troubleOf } from '../src/trouble.ts'

test('a relay that slept while its shards moved on tries again: its next renewal tells it where they are', () => {
  const error = new TicksSweptError('7')
  expect(troubleOf(error)).toEqual({ part: 'database', reason: error.message })
})

test('what trying again does not cure is no trouble', () => {
  expect(troubleOf(new RangeError('refusal of message 7 of 3'))).toBeUndefined()
})
