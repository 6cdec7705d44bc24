import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readAsProgram, unknownNames } from './app-environment.ts'

type Service = {
  image: string
  build?: { context: string; dockerfile: string }
  command: string[]
  entrypoint?: string[]
  environment: Record<string, string>
  ports?: string[]
  networks: string[]
  profiles?: string[]
  depends_on?: Record<string, { condition: string }> | undefined
  restart: string
  stop_grace_period?: string
  read_only?: boolean
  cap_drop?: string[]
  logging: unknown
  healthcheck?: { disable?: boolean; test?: string[] }
  deploy: { replicas?: number; resources: { limits: { memory: string; cpus: string } } }
}

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'compose.yaml'), 'utf8')
const example = readFileSync(join(root, '.env.example'), 'utf8')
const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8')

/** As Compose reads the file where nobody has set anything. */
const { services }: { services: Record<string, Service> } = parse(
  text.replaceAll(/\$\{\w+:-([^}]*)\}/g, (_, usual: string) => usual),
  { merge: true },
)
const all = Object.entries(services).map(([name, service]) => ({ name, service }))
const ours = all.filter(({ service }) => service.image === 'outbox:local')
const program = ({ entrypoint = [], command }: Service) =>
  [...entrypoint, ...command].find((word) => word.endsWith('.ts')) ?? ''
/** What the image adds. */
const ofImage = { PORT: /\bPORT=(\d+)/.exec(dockerfile)?.[1] ?? '' }

test('producers, relays and members of the three groups are there, each where interfaces have it', () => {
  const published = Object.fromEntries(
    all.flatMap(({ name, service: { ports = [] } }) => ports.map((port) => [name, port])),
  )
  expect(published).toMatchObject({
    producer: '127.0.0.1:5301-5303:3000',
    relay: '127.0.0.1:5501-5505:3000',
    'consumer-a': '127.0.0.1:5401-5402:3000',
    'consumer-b': '127.0.0.1:5403-5404:3000',
    'consumer-c': '127.0.0.1:5405-5406:3000',
  })
  for (const group of ['a', 'b', 'c'])
    expect(services[`consumer-${group}`]).toMatchObject({
      environment: { CONSUMER_GROUP: `group-${group}` },
      deploy: { replicas: 2 },
    })
})

test.for(all)(
  '$name: image of one version, bounded in memory, CPU and log, reached from this machine alone',
  ({ service }) => {
    expect(service.image).toMatch(/:(?!latest)[\w.-]+$/)
    expect(service.deploy.resources.limits).toEqual({
      memory: expect.stringMatching(/^\d+[mg]$/),
      cpus: expect.any(String),
    })
    expect(service.logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } })
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
  },
)

test.for(ours)('$name: a program of ours that knows every setting it is given, and takes it', ({ service }) => {
  expect(unknownNames(program(service), service.environment)).toEqual([])
  expect(() => readAsProgram(program(service), { ...ofImage, ...service.environment })).not.toThrow()
  expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
})

test.for(ours.filter(({ service }) => service.restart !== 'no'))(
  '$name: starts when what it needs is there, ends by itself, is asked for its health at its own port',
  ({ service }) => {
    expect(service.depends_on).toMatchObject({ migrate: { condition: 'service_completed_successfully' } })
    const settings = readAsProgram(program(service), { ...ofImage, ...service.environment })
    expect(Number.parseInt(service.stop_grace_period ?? '0', 10) * 1_000).toBeGreaterThan(settings.STOP_TIMEOUT_MS)
    expect(service.healthcheck).toBeUndefined()
    for (const port of service.ports ?? []) expect(port).toMatch(new RegExp(`:${settings.PORT}$`))
  },
)

test('only relays, consumers and tools reach Kafka, and nobody who has no need of it the database', () => {
  const on = (network: string) =>
    all.filter(({ service }) => service.networks.includes(network)).map(({ name }) => name)
  expect(on('kafka').sort()).toEqual(['consumer-a', 'consumer-b', 'consumer-c', 'kafka', 'kafka-ui', 'outbox', 'relay'])
  expect(on('database')).not.toEqual(expect.arrayContaining(['grafana']))
  expect(on('database')).not.toEqual(expect.arrayContaining(['prometheus']))
})

test('each variable of compose.yaml stands in .env.example, with its default, and no other', () => {
  const used = [...text.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name, usual]) => `${name}=${usual}`)
  const told = example.split('\n').filter((line) => /^\w+=/.test(line))
  expect(told.sort()).toEqual([...new Set(used)].sort())
})

test('no health check starts a JVM or a shell script', () => {
  const checks = all.flatMap(({ service }) => service.healthcheck?.test ?? [])
  expect(checks).not.toEqual([])
  expect(checks.join(' ')).not.toMatch(/\.sh\b|java|kafka-/)
})
