import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { Report } from '../src/report/report.ts'
import { fakeSystem } from './fake-system.ts'
import { fullReport } from './full-report.ts'

const file = `${import.meta.dirname}/../report.schema.json`
const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(readFileSync(file, 'utf8')))
const problems = (report: unknown) =>
  validate(report) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

test('report.schema.json is made from the schema in the code (vitest -u makes it anew)', async () => {
  await expect(`${JSON.stringify(Report, undefined, 2)}\n`).toMatchFileSnapshot(file)
})

test('the reports of real runs are as the schema says: one that passes, one that fails, one audited again', async () => {
  await using system = await fakeSystem()
  await using one = await system.producer('one')
  await using refusing = await system.producer('refusing', { behave: () => ({ status: 413 }) })
  const passed = await system.loadtest('quick --run-id first', [one])
  const failed = await system.loadtest('quick', [refusing])
  const again = await system.loadtest('audit first')
  expect([passed, failed, again].map(({ report }) => report.verdict)).toEqual(['passed', 'failed', 'passed'])
  for (const { report } of [passed, failed, again]) expect(problems(report)).toEqual([])
})

test('a whole report is as the schema says', () => {
  expect(problems(fullReport())).toEqual([])
})

type Path = readonly (string | number)[]

/** Where entries may come and go. */
const byName = [/^curves\.endToEnd$/, /\.applied$/, /\.usage$/, /\.errors$/]
const mayBeAbsent = [/^faults\.\d+\.problem$/, /^options\.(messages|stages|warmUpMs)$/]

test('without one of its fields it is no report', () => {
  const taken = fieldsOf(fullReport()).filter(
    (path) => !matches(byName, path.slice(0, -1)) && !matches(mayBeAbsent, path),
  )
  expect(taken.length).toBeGreaterThan(150)
  for (const path of taken) {
    const report = changed(path, (fields, name) => void Reflect.deleteProperty(fields, name))
    expect(problems(report), path.join('.')).not.toEqual([])
  }
})

test('with a field of another type it is no report', () => {
  for (const path of fieldsOf(fullReport())) {
    const report = changed(path, (fields, name) => void Reflect.set(fields, name, [[]]))
    expect(problems(report), path.join('.')).not.toEqual([])
  }
})

test('with a field that nobody knows it is no report', () => {
  const objects = new Set(fieldsOf(fullReport()).map((path) => path.slice(0, -1)))
  for (const path of objects) {
    if (matches(byName, path)) continue
    const report = changed([...path, 'colour'], (fields, name) => void Reflect.set(fields, name, 'red'))
    expect(problems(report), path.join('.')).not.toEqual([])
  }
})

/** Of each object in it, of arrays only the first: the others are alike. */
function fieldsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return fieldsOf(value[0], [...path, 0])
  return Object.entries(value).flatMap(([name, inner]) => [[...path, name], ...fieldsOf(inner, [...path, name])])
}

function matches(patterns: readonly RegExp[], path: Path): boolean {
  return patterns.some((pattern) => pattern.test(path.join('.')))
}

function changed(path: Path, change: (fields: object, name: string | number) => void): unknown {
  const report = fullReport()
  let fields: object = report
  for (const name of path.slice(0, -1)) fields = Reflect.get(fields, name)
  change(fields, path.at(-1) ?? '')
  return report
}
