import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHttpServer } from '@outbox/service/http-server'
import { operationsRoutes } from '@outbox/service/operations-routes'
import { createReadiness } from '@outbox/service/readiness'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { programOf, settingsOf, unknownSettings } from './app-environment.ts'
import { documentsOf, kubernetesFolder } from './kubernetes-documents.ts'

const deployments = documentsOf('Deployment')
const workloads = [...deployments, ...documentsOf('Job')].map(({ metadata, spec }) => ({
  name: metadata.name,
  pod: spec.template.spec,
  container: spec.template.spec.containers[0],
}))

test.for(workloads)(
  '$name runs a program of ours, which takes its settings and knows each of them',
  ({ container }) => {
    expect(container.workingDir).toBe('/app')
    expect(container.command[0]).toBe('node')
    expect(existsSync(join(kubernetesFolder, '../..', programOf(container)))).toBe(true)
    expect(unknownSettings(container)).toEqual([])
    expect(() => settingsOf(container)).not.toThrow()
  },
)

test('an app is told its port, and its name is that of its pod', () => {
  for (const { spec } of deployments) {
    const [container] = spec.template.spec.containers
    expect(container.ports).toEqual([{ name: 'http', containerPort: settingsOf(container).PORT }])
    const instance = container.env.find(({ name }) => name === 'INSTANCE')
    expect(instance?.valueFrom?.fieldRef.fieldPath).toBe('metadata.name')
  }
})

test('probes ask for what every app answers, at the port that it has', async () => {
  const app = createHttpServer({ logger: pino({ level: 'silent' }), signal: new AbortController().signal })
  const readiness = createReadiness({ instance: 'any', parts: [] })
  await app.register(operationsRoutes, { readiness, registry: new Registry() })
  for (const { spec } of deployments) {
    const { startupProbe, livenessProbe, readinessProbe } = spec.template.spec.containers[0]
    expect(readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' })
    for (const probe of [startupProbe, livenessProbe]) {
      expect(probe?.httpGet).toEqual({ path: '/health/live', port: 'http' })
    }
  }
  for (const url of ['/health/ready', '/health/live']) expect(app.hasRoute({ method: 'GET', url })).toBe(true)
})

test('a pod is given longer to stop than its app takes', () => {
  for (const { spec } of deployments) {
    const { containers, terminationGracePeriodSeconds = 30 } = spec.template.spec
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(settingsOf(containers[0]).STOP_TIMEOUT_MS)
  }
})

test.for(workloads)('$name has no more rights than it needs, and a bound to its memory', ({ pod, container }) => {
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  })
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  expect(container.resources).toEqual({
    requests: { cpu: expect.any(String), memory: expect.any(String) },
    limits: { memory: expect.any(String) },
  })
})

test('the groups differ in nothing but their names', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((group) =>
    readFileSync(join(kubernetesFolder, `base/consumer-${group}.yaml`), 'utf8').replaceAll(
      new RegExp(`(consumer|group)-${group}\\b`, 'g'),
      '$1',
    ),
  )
  expect(b).toBe(a)
  expect(c).toBe(a)
})
