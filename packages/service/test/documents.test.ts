import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const operations = read('docs/operations.md')
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'))

test('docs/operations.md lists each setting with its default, and no other', () => {
  const settings = sources().flatMap(({ path, text }) =>
    path.endsWith('-settings.ts') ? [...text.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map((match) => match[1]) : [],
  )
  const documented = [...operations.matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map((match) => match[1])
  expect(settings.length).toBeGreaterThan(30)
  expect(new Set(documented)).toEqual(new Set(settings))
  for (const { path, text } of sources().filter((source) => source.path.endsWith('-settings.ts'))) {
    for (const [, name, rest = ''] of text.matchAll(/^ {2}([A-Z][A-Z_]+): ([\s\S]*?)(?=^ {2}[A-Z]|^\})/gm)) {
      const value = /default: '?([\w.]+)'?/.exec(rest)?.[1]?.replaceAll('_', '')
      if (value) expect(operations, `${path}: ${name}`).toMatch(new RegExp(`\\| \`${name}\` \\| \`${value}\` \\|`))
    }
  }
})

test('docs/operations.md lists each metric, and no other', () => {
  const metrics = sources().flatMap(({ text }) =>
    [...text.matchAll(/name: '(outbox_[a-z_]+)'/g)].map((match) => match[1]),
  )
  const documented = [...operations.matchAll(/^\| `(outbox_[a-z_]+)` \|/gm)].map((match) => match[1])
  expect(metrics.length).toBeGreaterThan(20)
  expect(new Set(documented)).toEqual(new Set(metrics))
})

test('metrics are named as Prometheus asks: counters end in _total, histograms in their unit', () => {
  const kinds = sources().flatMap(({ text }) =>
    [...text.matchAll(/new (Counter|Gauge|Histogram)\(\{\s+name: '(outbox_[a-z_]+)'/g)].map(
      ([, kind = '', name = '']) => [name, kind.toLowerCase()] as const,
    ),
  )
  const documented = new Map(
    [...operations.matchAll(/^\| `(outbox_[a-z_]+)` \| (\w+) \|/gm)].map(([, name = '', kind]) => [name, kind]),
  )
  for (const [name, kind] of kinds) expect(documented.get(name), name).toBe(kind)
  for (const [name, kind] of documented) {
    expect(name.endsWith('_total'), name).toBe(kind === 'counter')
    if (kind === 'histogram') expect(name).toMatch(/_(seconds|bytes|messages)$/)
  }
})

test('docs/operations.md lists each watchdog, and no other', () => {
  const watchdogs = sources().flatMap(({ text }) =>
    [...text.matchAll(/name: '([^']+)',\s+trouble\(/g)].map((match) => match[1]),
  )
  const table = operations.split('\n## ').find((section) => section.startsWith('Watchdogs'))
  const documented = [...(table ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1])
  expect(watchdogs.length).toBeGreaterThan(5)
  expect(new Set(documented)).toEqual(new Set(watchdogs))
})

test.for(documents)('the commands and files that %s names exist', (name) => {
  const text = read(name)
  const { scripts } = JSON.parse(read('package.json'))
  for (const [, script = ''] of text.matchAll(/npm run ([a-z]+)/g))
    expect(scripts, `npm run ${script}`).toHaveProperty(script)
  for (const [, script = ''] of text.matchAll(/pnpm ([a-z]+)/g)) {
    if (!['turbo', 'deploy', 'install'].includes(script)) expect(scripts, `pnpm ${script}`).toHaveProperty(script)
  }
  for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
    expect(existsSync(join(root, dirname(name), link)), `${name} links to ${link}`).toBe(true)
  }
})

function sources(): { path: string; text: string }[] {
  return ['apps', 'packages'].flatMap((kind) =>
    readdirSync(join(root, kind)).flatMap((name) =>
      readdirSync(join(root, kind, name, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .map((path) => ({ path: `${kind}/${name}/src/${path}`, text: read(join(kind, name, 'src', path)) })),
    ),
  )
}
