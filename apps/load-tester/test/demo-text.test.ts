import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { knownOptions } from '../src/command-line/known-options.ts'
import { scenarios } from '../src/command-line/scenarios.ts'
import { demoText } from '../src/demo-text.ts'

const root = `${import.meta.dirname}/../../..`
const textAt = (width: number) => {
  const { before, between, after } = demoText([], { width, paint: (_, text) => text })
  return before + between + after
}

test.each([20, 40, 80, 120])('no line is longer than %i columns', (width) => {
  for (const line of textAt(width).split('\n')) expect(line.length).toBeLessThanOrEqual(width)
})

test('it fits on three screens of 80 by 24', () => {
  expect(textAt(80).split('\n').length).toBeLessThanOrEqual(3 * 24)
})

test('what it names exists: options, scenarios, scripts, settings, profiles', () => {
  const text = textAt(10_000)
  const known = [...Object.keys(knownOptions), 'profile']
  for (const [, option = ''] of text.matchAll(/ --([a-z-]+)/g)) expect(known, option).toContain(option)
  const commands = [...Object.keys(scenarios), 'saturation', 'audit']
  for (const [, scenario = ''] of text.matchAll(/loadtest -- (\w+)/g)) expect(commands, scenario).toContain(scenario)
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  for (const [, script = ''] of text.matchAll(/npm (?:run )?(\w+)/g)) expect(scripts, script).toHaveProperty(script)
  expect(readFileSync(`${root}/docs/operations.md`, 'utf8')).toContain('`OUTBOX_RETENTION`')
  expect(readFileSync(`${root}/compose.yaml`, 'utf8')).toContain('profiles: [monitoring]')
})

test('where the system runs, its own addresses are named', () => {
  const apps = [{ name: 'producer-1', url: 'http://127.0.0.1:7001' }]
  expect(demoText(apps, { width: 80, paint: (_, text) => text }).after).toContain('http://127.0.0.1:7001/docs')
})
