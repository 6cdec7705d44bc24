import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { interruptSignal } from '../src/interrupt-signal.ts'

function source() {
  const exits: number[] = []
  const signals = new EventEmitter()
  const clock = { ms: 0 }
  const signal = interruptSignal(
    {
      on: (name, listener) => signals.on(name, listener),
      stderr: { write: () => true },
      exit: (code) => exits.push(code),
    },
    () => clock.ms,
  )
  return { exits, signals, clock, signal }
}

test('the first Ctrl-C aborts, the second exits at once', () => {
  const { exits, signals, clock, signal } = source()
  expect(signal.aborted).toBe(false)
  signals.emit('SIGINT')
  expect(signal.aborted).toBe(true)
  clock.ms = 2_000
  signals.emit('SIGINT')
  expect(exits).toEqual([130])
})

test('one Ctrl-C that comes from the terminal and from npm is one', () => {
  const { exits, signals, clock } = source()
  signals.emit('SIGINT')
  clock.ms = 5
  signals.emit('SIGINT')
  expect(exits).toEqual([])
})
