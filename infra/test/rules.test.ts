import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { needPrometheus } from './need-prometheus.ts'

const FOLDER = fileURLToPath(new URL('../prometheus', import.meta.url))
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
const alerts = read('../prometheus/rules/alerts.yml')
const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)

test('promtool takes the configuration and all rules', async (context) => {
  const { promtool } = needPrometheus(context)
  const { stdout } = await promisify(execFile)(promtool, ['check', 'config', '--lint-fatal', 'prometheus.yml'], {
    cwd: FOLDER,
  })
  expect(stdout).toContain('2 rule files found')
})

test('each alert fires when it should and rests when it should, and what is recorded is added up rightly', async (context) => {
  const { promtool } = needPrometheus(context)
  await promisify(execFile)(promtool, ['test', 'rules', 'tests/alerts.yml', 'tests/recording.yml'], { cwd: FOLDER })
})

test('each alert is tested, both ways', () => {
  const tests = read('../prometheus/tests/alerts.yml')
  expect(names.length).toBeGreaterThan(10)
  const silent = [...tests.matchAll(/alertname: (\w+)\n +exp_alerts: \[\]/g)].map(([, name = '']) => name)
  const firing = [...tests.matchAll(/alertname: (\w+)\n +exp_alerts:\n/g)].map(([, name = '']) => name)
  expect(new Set(silent)).toEqual(new Set(names))
  expect(new Set(firing)).toEqual(new Set(names))
})

test('each alert has a runbook in docs/operations.md, and each runbook an alert', () => {
  const headings = [...read('../../docs/operations.md').matchAll(/^### (Outbox\w+)$/gm)].map(([, name]) => name)
  expect(headings).toEqual(names)
  const runbooks = [...alerts.matchAll(/runbook: (\S+)/g)].map(([, link]) => link)
  expect(runbooks).toEqual(names.map((name) => `docs/operations.md#${name.toLowerCase()}`))
})
