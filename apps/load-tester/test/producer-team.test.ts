import { expect, test } from 'vitest'
import { createProducerTeam } from '../src/send/producer-team.ts'

const timeouts = { connectTimeoutMs: 500, requestTimeoutMs: 500 }
const one = { name: 'one', url: 'http://127.0.0.1:1', healthy: true }
const two = { name: 'two', url: 'http://127.0.0.1:2', healthy: true }

function teamOf(...producers: (typeof one)[]) {
  const team = createProducerTeam(producers, timeouts)
  const circuits = () => team.circuits.list().map(({ producer, circuit }) => `${producer.name} ${circuit}`)
  return { team, circuits }
}

test('who is there for the first time joins, once', () => {
  const { team, circuits } = teamOf(one)
  expect(team.checked([one, two])).toEqual([two])
  expect(team.checked([two, one])).toEqual([])
  expect(circuits()).toEqual(['one closed', 'two closed'])
})

test('who is not ready is left alone for a while, and stays a member', () => {
  const { team, circuits } = teamOf(one, two)
  expect(team.checked([one, { ...two, name: '127.0.0.1:2', healthy: false }])).toEqual([])
  expect(circuits()).toEqual(['one closed', 'two open'])
  expect(team.circuits.next()?.name).toBe('one')
  expect(team.circuits.next()?.name).toBe('one')
})

test('who has another address now is sent to there, and no longer where it was', () => {
  const { team, circuits } = teamOf(one)
  const before = team.circuits.next()
  expect(team.checked([{ ...one, url: 'http://127.0.0.1:3' }])).toEqual([])
  expect(circuits()).toEqual(['one closed'])
  expect(team.circuits.next()).not.toBe(before)
  // What was under way at the old address may still fail.
  if (before !== undefined) team.circuits.failed(before)
  expect(circuits()).toEqual(['one closed'])
})
