import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { interruptSignal } from '../src/interrupt-signal.ts'

function source(options: { note?: string } = {}) {
  const exits: number[] = []
  const said: string[] = []
  const signals = new EventEmitter()
  const clock = { ms: 0 }
  const signal = interruptSignal(
    {
      on: (name, listener) => signals.on(name, listener),
      stderr: { write: (text) => said.push(text) },
      exit: (code) => exits.push(code),
    },
    { ...options, now: () => clock.ms },
  )
  return { exits, said, signals, clock, signal }
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

test('the first one says what goes on, unless there is nothing to be said', () => {
  const [telling, silent] = [source(), source({ note: '' })]
  for (const { signals } of [telling, silent]) signals.emit('SIGTERM')
  expect(telling.said).toEqual([expect.stringContaining('again stops at once')])
  expect(silent.said).toEqual([])
  expect(silent.signal.aborted).toBe(true)
})

test('one Ctrl-C that comes from the terminal and from npm is one', () => {
  const { exits, signals, clock } = source()
  signals.emit('SIGINT')
  clock.ms = 5
  signals.emit('SIGINT')
  expect(exits).toEqual([])
})
