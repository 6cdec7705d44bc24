import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readDashboards, shownPanels, uncheckedPanels } from './dashboard.ts'
import { needPrometheus } from './need-prometheus.ts'
import { type ScrapedSystem, scrapedSystem } from './scraped-system.ts'

let system: ScrapedSystem | undefined

beforeAll(async () => {
  const found = inject('prometheus')
  if (!('missing' in found)) system = await scrapedSystem(found.prometheus)
}, 180_000)
afterAll(() => system?.[Symbol.asyncDispose]())

test('messages pass each station of their way', async (context) => {
  needPrometheus(context)
  const stations = [
    'outbox:messages_accepted:rate1m',
    'outbox:messages_committed:rate1m',
    'outbox:messages_published:rate1m',
  ]
  const queries = [...stations, 'count(group:messages_applied:rate1m > 0) == 2'].map((name) => ({
    name,
    query: `${name} > 0`,
  }))
  await expect.poll(() => emptyOnes(queries)).toEqual([])
})

test.for(readDashboards())(
  '$name: each panel shows something of a system at work',
  async ({ name, dashboard }, context) => {
    needPrometheus(context)
    const unchecked = uncheckedPanels[name] ?? []
    const queries = shownPanels(dashboard)
      .filter(({ title }) => !unchecked.includes(title))
      .flatMap(({ title, targets = [] }) =>
        targets.map(({ refId, expr }) => ({ name: `${title} ${refId}`, query: filledIn(expr) })),
      )
    const variables = dashboard.templating.list.map(({ name, query }) => ({
      name: `variable ${name}`,
      query: selectorOf(query.query),
    }))
    await expect.poll(() => emptyOnes([...queries, ...variables])).toEqual([])
    if (unchecked.length > 0) process.stdout.write(`${name}, not checked: ${unchecked.join('; ')}\n`)
  },
)

test('each rule is evaluated, and what it asks for is there', async (context) => {
  needPrometheus(context)
  const rules = (await system?.prometheus.rules()) ?? []
  expect(rules.length).toBeGreaterThan(25)
  const queries = rules.flatMap(({ name, query }) => conditionsOf(query).map((query) => ({ name, query })))
  await expect.poll(() => emptyOnes(queries)).toEqual([])
  const unhealthy = async () => (await system?.prometheus.rules())?.filter(({ health }) => health !== 'ok')
  await expect.poll(unhealthy).toEqual([])
})

test('the metrics are named and described as Prometheus asks', async (context) => {
  const { promtool } = needPrometheus(context)
  for (const text of (await system?.metrics()) ?? []) {
    const ours = text.split('\n').filter((line) => /^(# \w+ )?outbox_/.test(line))
    expect(await lint(promtool, `${ours.join('\n')}\n`)).toBe('')
  }
})

/** Those without a series. */
async function emptyOnes(queries: readonly { name: string; query: string }[]): Promise<string[]> {
  const counts = await Promise.all(queries.map(({ query }) => system?.prometheus.count(query)))
  return queries.flatMap(({ name, query }, index) => (counts[index] ? [] : [`${name}: ${query}`]))
}

/** A panel's query as Grafana would send it, with everything chosen. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '10s').replace(/\$\w+/g, '.*')
}

/** What `label_values(SELECTOR, LABEL)` looks through, as far as it has the label. */
function selectorOf(query: string): string {
  const [, selector = '', label] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? []
  return filledIn(`count by (${label}) (${selector}) > 0`)
}

/**
 * What a rule compares: without the comparison an alert's expression has a series also where all is well. Where it asks for what is
 * missing, that must not be missing.
 */
function conditionsOf(query: string): string[] {
  return query.split(/ (?:unless|or) /).map((part) => {
    const absent = /^absent\((.+)\)$/.exec(part)?.[1]
    return (absent ?? part).replace(/ (==|>|<) /g, ' $1 bool ')
  })
}

function lint(promtool: string, metrics: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(promtool, ['check', 'metrics'], (error, stdout, stderr) => {
      if (error && stdout + stderr === '') reject(error)
      else resolve(stdout + stderr)
    })
    child.stdin?.end(metrics)
  })
}
