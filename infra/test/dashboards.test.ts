import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readDashboards, shownPanels, uncheckedPanels } from './dashboard.ts'

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
const dashboards = readDashboards()

test.for(dashboards)('$name: each panel says what it shows, and in which unit', ({ dashboard }) => {
  const panels = shownPanels(dashboard)
  expect(panels.length).toBeGreaterThan(10)
  for (const { title, description, fieldConfig, options, targets = [] } of panels) {
    expect(description, title).toBeTruthy()
    expect(fieldConfig?.defaults.unit ?? options?.yAxis?.unit, title).toBeTruthy()
    expect(targets.length, title).toBeGreaterThan(0)
    for (const { legendFormat } of targets) expect(legendFormat, title).toBeTruthy()
    expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length)
  }
})

test.for(dashboards)(
  '$name: ids and titles are unique, and panels leave no gap and overlap nowhere',
  ({ dashboard }) => {
    const { panels } = dashboard
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const titles = shownPanels(dashboard).map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    const cells = new Set<string>()
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(cells.has(`${x}/${y}`), title).toBe(false)
          cells.add(`${x}/${y}`)
        }
      }
    }
    expect(cells.size).toBe(24 * Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h)))
  },
)

test.for(dashboards)(
  '$name: the panels that no test checks are those of the exporters, and no others',
  ({ name, dashboard }) => {
    const ofExporters = shownPanels(dashboard).filter(({ targets }) =>
      targets?.some(({ expr }) => /\b(pg|container)_/.test(expr)),
    )
    expect(ofExporters.map(({ title }) => title)).toEqual(uncheckedPanels[name] ?? [])
  },
)

test('dashboards and rules name no metric that docs/operations.md does not list', () => {
  const documented = new Set(
    [...read('../../docs/operations.md').matchAll(/^\| `(outbox_\w+)` \|/gm)].map(([, name]) => name),
  )
  const used = [
    ...dashboards.map(({ dashboard }) => JSON.stringify(dashboard)),
    read('../prometheus/rules/recording.yml'),
    read('../prometheus/rules/alerts.yml'),
  ].flatMap((text) => [...text.matchAll(/\boutbox_\w+/g)].map(([name]) => name))
  const histogram = /_(bucket|sum|count)$/
  const named = new Set(used.map((name) => (documented.has(name) ? name : name.replace(histogram, ''))))
  expect([...named].filter((name) => !documented.has(name))).toEqual([])
  expect(named.size).toBeGreaterThan(30)
})
