import { pino } from 'pino'
import { expect, test } from 'vitest'
import { Watchdogs } from '../src/watchdogs.ts'

test('what is wrong is said when it begins, now and then while it lasts, and when it is over', () => {
  const lines: { level: number; watchdog: string; msg: string }[] = []
  const logger = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) })
  const dogs = new Watchdogs<number>(
    [{ name: 'heat', trouble: (degrees) => (degrees > 90 ? `${degrees} degrees: open a window` : undefined) }],
    { logger, repeatMs: 60_000 },
  )
  dogs.look(20, 0)
  expect(lines).toEqual([])
  for (const nowMs of [0, 59_999, 60_000, 70_000]) dogs.look(91, nowMs)
  const barked = { level: 40, watchdog: 'heat', msg: '91 degrees: open a window' }
  expect(lines.splice(0)).toMatchObject([barked, barked])
  dogs.look(20, 80_000)
  dogs.look(20, 90_000)
  expect(lines.splice(0)).toMatchObject([{ level: 30, watchdog: 'heat', msg: 'is over' }])
  dogs.look(91, 90_001)
  expect(lines).toMatchObject([barked])
})
