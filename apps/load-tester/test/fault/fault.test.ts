import type { RunningSystem } from '@outbox/service/running-system'
import { expect, test } from 'vitest'
import { parseFault } from '../../src/fault/fault.ts'
import { placeFaults } from '../../src/fault/place-faults.ts'

const running: RunningSystem = {
  pid: 1,
  databaseUrl: '',
  kafkaBrokers: '',
  apps: ['producer-1', 'relay-1', 'relay-2'].map((name) => ({ name, url: '' })),
  services: [{ name: 'postgres', pid: 2 }],
  faults: { url: 'http://127.0.0.1:1', token: 'x' },
}

test.each([
  ['kill:relay@30s', { harm: 'kill', part: 'relay', atMs: 30_000, forMs: 0 }],
  ['kill:kafka@1m+8s', { harm: 'kill', part: 'kafka', atMs: 60_000, forMs: 8_000 }],
  ['pause:consumer-2@500ms+10s', { harm: 'pause', part: 'consumer-2', atMs: 500, forMs: 10_000 }],
  ['stop:postgres@0s+1m', { harm: 'stop', part: 'postgres', atMs: 0, forMs: 60_000 }],
])('%s is read', (written, fault) => {
  expect(parseFault(written)).toEqual({ written, ...fault })
})

test.each([
  ['relay@30s', /^--fault relay@30s: write HARM:PART@TIME/],
  ['paint:relay@30s', /^--fault paint:relay@30s: write HARM:PART@TIME/],
  ['kill:relay', /^--fault kill:relay: write HARM:PART@TIME/],
  ['kill:relay@30', /^--fault kill:relay@30: write HARM:PART@TIME/],
  ['kill:relay@-1s', /^--fault kill:relay@-1s: write HARM:PART@TIME/],
  ['kill:relay@1e3s', /^--fault kill:relay@1e3s: write HARM:PART@TIME/],
  ['kill:relay@30h', /^--fault kill:relay@30h: write HARM:PART@TIME/],
  ['kill:@30s', /^--fault kill:@30s: write HARM:PART@TIME/],
  ['pause:relay@30s', /^--fault pause:relay@30s: say for how long, such as pause:relay@30s\+10s\.$/],
  ['stop:relay@30s+0s', /^--fault stop:relay@30s\+0s: say for how long/],
  ['pause:relay@1s+11m', /^--fault pause:relay@1s\+11m: a fault lasts ten minutes at most/],
])('%s is refused by one clear message', (written, message) => {
  expect(() => parseFault(written)).toThrow(message)
})

const placed = (written: string, on: RunningSystem | undefined = running, lastsMs?: number) =>
  placeFaults([parseFault(written)], on, lastsMs)?.faults.map(({ part }) => part)

test('a kind is the first one of it, a name is itself', () => {
  expect(placed('kill:relay@1s')).toEqual(['relay-1'])
  expect(placed('kill:relay-2@1s')).toEqual(['relay-2'])
  expect(placed('kill:postgres@1s')).toEqual(['postgres'])
})

test('who is not there is told, with those who are', () => {
  expect(() => placed('kill:consumer@1s')).toThrow(
    '--fault kill:consumer@1s: the system has no consumer. It has: producer-1, relay-1, relay-2, postgres.',
  )
  expect(() => placed('kill:kafka@1s')).toThrow('kafka is no process of this system, and only such can be harmed')
})

test('a fault behind the end of the run is refused', () => {
  expect(placed('kill:relay@19s', running, 20_000)).toEqual(['relay-1'])
  expect(() => placed('kill:relay@20s', running, 20_000)).toThrow('by then the run is over, which lasts 20 s')
})

test('without a system of this machine there is nothing to harm', () => {
  expect(() => placeFaults([parseFault('kill:relay@1s')], undefined, undefined)).toThrow(
    'faults are inflicted on a system of this machine alone',
  )
  expect(placeFaults([], undefined, undefined)).toBeUndefined()
})
