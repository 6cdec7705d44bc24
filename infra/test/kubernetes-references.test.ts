import { expect, test } from 'vitest'
import { environmentOf } from './app-environment.ts'
import { documentsOf, type Labels, type Selector, selects } from './kubernetes-documents.ts'
import { generated, readKustomizations } from './kustomizations.ts'

const deployments = documentsOf('Deployment')
const workloads = [...deployments, ...documentsOf('Job')]
const podLabels = workloads.map(({ spec }) => spec.template.metadata.labels)

function selected(selector: Selector): Labels[] {
  return podLabels.filter((labels) => selects(selector, labels))
}

test('a Deployment selects its own pods, and spreads them, and no others', () => {
  for (const { metadata, spec } of deployments) {
    const { labels } = spec.template.metadata
    const spread = spec.template.spec.topologySpreadConstraints ?? []
    expect(spread, metadata.name).toHaveLength(2)
    for (const selector of [spec.selector, ...spread.map(({ labelSelector }) => labelSelector)]) {
      expect(selected(selector), metadata.name).toEqual([labels])
    }
    expect(metadata.labels).toEqual(labels)
  }
})

test('each Deployment has a disruption budget of its own', () => {
  const budgets = documentsOf('PodDisruptionBudget').map(({ spec }) => selected(spec.selector))
  expect(budgets).toEqual(expect.arrayContaining(deployments.map(({ spec }) => [spec.template.metadata.labels])))
  expect(budgets).toHaveLength(deployments.length)
})

test('the pods behind a Service have the port that it names', () => {
  for (const { metadata, spec } of documentsOf('Service')) {
    const pods = deployments
      .map(({ spec: { template } }) => template)
      .filter(({ metadata: { labels } }) => selects({ matchLabels: spec.selector }, labels))
    expect(pods.length, metadata.name).toBeGreaterThan(0)
    for (const { targetPort } of spec.ports) {
      for (const pod of pods) expect(pod.spec.containers[0].ports?.map(({ name }) => name)).toContain(targetPort)
    }
  }
})

test('ConfigMaps and Secrets that a pod refers to are made, with the keys that it asks for', () => {
  const configMaps = generated('configMapGenerator')
  const secrets = generated('secretGenerator')
  for (const { metadata, spec } of workloads) {
    const { containers, volumes } = spec.template.spec
    for (const { configMapRef } of containers[0].envFrom ?? [])
      expect([...configMaps.keys()]).toContain(configMapRef.name)
    const files = containers[0].volumeMounts.flatMap(({ name, mountPath, readOnly }) => {
      expect(readOnly, metadata.name).toBe(true)
      const secret = volumes.find((volume) => volume.name === name)?.secret.secretName
      return Object.keys(secrets.get(secret ?? '') ?? {}).map((key) => `${mountPath}/${key}`)
    })
    expect(files, metadata.name).toContain(environmentOf(containers[0]).DATABASE_URL_FILE)
  }
})

test('each image is one that the kustomizations set', () => {
  const images = readKustomizations().flatMap(({ images = [] }) => images.map(({ name }) => name))
  for (const { spec } of workloads) expect(images).toContain(spec.template.spec.containers[0].image)
})

test('network policies are for pods that are there, and let them reach PostgreSQL and Kafka where these are', () => {
  const policies = documentsOf('NetworkPolicy')
  for (const { metadata, spec } of policies) expect(selected(spec.podSelector).length, metadata.name).toBeGreaterThan(0)
  for (const { metadata, spec } of workloads) {
    const { labels } = spec.template.metadata
    const rules = policies
      .filter(({ spec }) => selects(spec.podSelector, labels))
      .flatMap(({ spec }) => spec.egress ?? [])
    const allowed = rules.flatMap(({ ports }) => ports.map(({ port }) => port))
    const needed = [53, portOf(databaseUrl()), ...(usesKafka(spec.template.spec.containers[0]) ? brokerPorts() : [])]
    expect(new Set(allowed), metadata.name).toEqual(new Set(needed))
  }
})

function databaseUrl(): string {
  return generated('secretGenerator').get('outbox-database')?.['database-url'] ?? ''
}

function brokerPorts(): number[] {
  const brokers = generated('configMapGenerator').get('outbox-kafka')?.KAFKA_BROKERS ?? ''
  return brokers.split(',').map((broker) => portOf(`kafka://${broker}`))
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function usesKafka({ envFrom = [] }: { envFrom?: { configMapRef: { name: string } }[] }): boolean {
  return envFrom.some(({ configMapRef }) => configMapRef.name === 'outbox-kafka')
}
