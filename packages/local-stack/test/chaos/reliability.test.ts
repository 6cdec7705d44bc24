import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allFaults } from '../../../../scripts/chaos/all-faults.ts'
import { allScenarios } from '../../../../scripts/chaos/all-scenarios.ts'

const docs = join(import.meta.dirname, '..', '..', '..', '..', 'docs')
const reliability = readFileSync(join(docs, 'reliability.md'), 'utf8')
const named = [...allFaults, ...allScenarios]

/** The rows of the table of faults, by their number. */
const rows = new Map(
  [...(reliability.split('## The faults')[1] ?? '').matchAll(/^\| (\d+) \|(.*)\|$/gm)].map(([, number, text = '']) => [
    Number(number),
    text,
  ]),
)
const numbers = [...rows.keys()]

test('each fault has a row of its own, without gaps, that names what shows it', () => {
  expect(numbers.length).toBeGreaterThanOrEqual(24)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  for (const [number, text] of rows) {
    const shownBy = text.split('|').at(-1) ?? ''
    expect(shownBy.trim(), `row ${number}`).not.toBe('')
  }
})

test.for(numbers)('fault %i names all of its faults and scenarios of pnpm chaos, and no other', (number) => {
  const shownBy = rows.get(number)?.split('|').at(-1) ?? ''
  const written = [...shownBy.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)
  expect(new Set(written)).toEqual(
    new Set(named.filter((fault) => fault.numbers.includes(number)).map(({ name }) => name)),
  )
})

test('each linked test is in the file that the link leads to', () => {
  const links = [...[...rows.values()].join('\n').matchAll(/\[([^\]]+)\]\(([^)]+\.test\.ts)\)/g)]
  expect(links.length).toBeGreaterThan(20)
  for (const [, title = '', path = ''] of links) {
    expect(readFileSync(join(docs, path), 'utf8'), `${path}: ${title}`).toContain(title)
  }
})
