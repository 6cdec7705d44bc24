import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shardCount } from '@outbox/outbox/shards'
import { expect, test } from 'vitest'
import { environmentOf, settingsOf } from './app-environment.ts'
import { documentsOf } from './kubernetes-documents.ts'

const docs = join(import.meta.dirname, '../../docs')
const scaled = documentsOf('ScaledObject').map(({ metadata, spec }) => ({ name: metadata.name, ...spec }))
const deployments = documentsOf('Deployment').map(({ metadata, spec }) => ({
  name: metadata.name,
  container: spec.template.spec.containers[0],
  replicas: scaled.find(({ scaleTargetRef }) => scaleTargetRef.name === metadata.name)?.maxReplicaCount ?? 0,
}))

test('each Deployment is scaled, by one', () => {
  const targets = scaled.map(({ scaleTargetRef }) => scaleTargetRef.name)
  expect(targets.sort()).toEqual(deployments.map(({ name }) => name).sort())
})

test('there are never more relays than shards, nor more members than partitions, and always one that may go', () => {
  const relay = deployments.find(({ name }) => name === 'relay')
  const partitions = relay && settingsOf(relay.container).RELAY_TOPIC_PARTITIONS
  for (const { name, minReplicaCount, maxReplicaCount } of scaled) {
    expect(minReplicaCount, name).toBeGreaterThan(1)
    expect(maxReplicaCount, name).toBeGreaterThanOrEqual(minReplicaCount)
    if (name === 'relay') expect(maxReplicaCount).toBeLessThanOrEqual(shardCount)
    if (name.startsWith('consumer-')) expect(maxReplicaCount, name).toBeLessThanOrEqual(Number(partitions))
  }
})

test("a group's scaler looks at the topic, the group and the brokers of its members", () => {
  for (const { name, container } of deployments.filter(({ name }) => name.startsWith('consumer-'))) {
    const triggers = scaled.find(({ scaleTargetRef }) => scaleTargetRef.name === name)?.triggers ?? []
    expect(triggers.map(({ type }) => type)).toEqual(['kafka'])
    const { topic, ...metadata } = triggers[0]?.metadata ?? {}
    const { TOPICS, ...env } = environmentOf(container)
    expect(TOPICS?.split(',')).toContain(topic)
    expect(env).toHaveProperty(metadata.bootstrapServersFromEnv ?? '')
    expect(env[metadata.consumerGroupFromEnv ?? '']).toBe(`group-${name.slice(-1)}`)
  }
})

// The schema takes any name there, and a scaler passes over one that it doesn't know.
const parameters: Record<string, string[]> = {
  cpu: ['value'],
  kafka: [
    'bootstrapServersFromEnv',
    'consumerGroupFromEnv',
    'topic',
    'offsetResetPolicy',
    'lagThreshold',
    'ensureEvenDistributionOfPartitions',
    'excludePersistentLag',
  ],
  prometheus: ['serverAddress', 'query', 'threshold'],
}

test('a trigger has the parameters of its kind, each as text', () => {
  for (const { type, metadata } of scaled.flatMap(({ triggers }) => triggers)) {
    expect(Object.keys(metadata).sort()).toEqual(parameters[type]?.sort())
    for (const value of Object.values(metadata)) expect(value).toBeTypeOf('string')
  }
})

test('Prometheus is asked for metrics that there are', () => {
  const operations = readFileSync(join(docs, 'operations.md'), 'utf8')
  const queries = scaled.flatMap(({ triggers }) => triggers.flatMap(({ metadata }) => metadata.query ?? []))
  const metrics = queries.flatMap((query) => query.match(/outbox_\w+/g) ?? [])
  expect(metrics.length).toBeGreaterThan(0)
  for (const metric of metrics) expect(operations).toContain(`| \`${metric}\` | gauge |`)
})

test('docs/scaling.md says how many connections all of them hold at most', () => {
  const connections = deployments.map(({ container, replicas }) => replicas * settingsOf(container).DATABASE_POOL_MAX)
  const sum = connections.reduce((sum, each) => sum + each, 0)
  expect(readFileSync(join(docs, 'scaling.md'), 'utf8')).toContain(`holds ${sum} connections`)
})
