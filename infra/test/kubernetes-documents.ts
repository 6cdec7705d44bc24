import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const kubernetesFolder = join(import.meta.dirname, '..', 'kubernetes')

export type Labels = Readonly<Record<string, string>>
export type Selector = {
  matchLabels?: Labels
  matchExpressions?: { key: string; operator: string; values: string[] }[]
}

/** As much of a document as tests look at. That it has this shape, its kind's schema says. */
export type KubernetesDocument<Spec = unknown> = {
  apiVersion: string
  kind: string
  metadata: { name: string; labels: Labels }
  spec: Spec
}

export type Container = {
  name: string
  image: string
  workingDir: string
  command: string[]
  ports?: { name: string; containerPort: number }[]
  envFrom?: { configMapRef: { name: string } }[]
  env: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[]
  startupProbe?: Probe
  livenessProbe?: Probe
  readinessProbe?: Probe
  resources: unknown
  securityContext: unknown
  volumeMounts: { name: string; mountPath: string; readOnly: boolean }[]
}

export type Probe = { httpGet: { path: string; port: string } }

export type Pod = {
  metadata: { labels: Labels }
  spec: {
    terminationGracePeriodSeconds?: number
    automountServiceAccountToken: boolean
    securityContext: unknown
    topologySpreadConstraints?: { labelSelector: Selector }[]
    containers: [Container]
    volumes: { name: string; secret: { secretName: string } }[]
  }
}

type Ports = { port: number | string }[]

/** By kind. */
export type Specs = {
  Deployment: { selector: Selector; template: Pod }
  Job: { template: Pod }
  Service: { selector: Labels; ports: { targetPort: string }[] }
  PodDisruptionBudget: { selector: Selector }
  NetworkPolicy: { podSelector: Selector; ingress?: { ports: Ports }[]; egress?: { ports: Ports }[] }
  ScaledObject: {
    scaleTargetRef: { name: string }
    minReplicaCount: number
    maxReplicaCount: number
    triggers: { type: string; metadata: Labels; authenticationRef?: { name: string } }[]
  }
  TriggerAuthentication: { secretTargetRef: { parameter: string; name: string; key: string }[] }
}

/** Every YAML file below `infra/kubernetes`, by its path from there. */
export function yamlFiles(): string[] {
  return readdirSync(kubernetesFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
}

/** A file's documents, as Kubernetes' own tools read them: YAML 1.1, where 0440 is octal. */
export function parseFile(file: string): unknown[] {
  return parseAllDocuments(readFileSync(join(kubernetesFolder, file), 'utf8'), { version: '1.1' }).map((document) => {
    if (document.errors[0] !== undefined) throw new Error(`${file}: ${document.errors[0].message}`)
    return document.toJS()
  })
}

/** All that is for Kubernetes, and not for Kustomize alone. */
export function readDocuments(): { file: string; document: KubernetesDocument }[] {
  return yamlFiles()
    .filter((file) => !file.endsWith('kustomization.yaml'))
    .flatMap((file) => parseFile(file).map((document) => ({ file, document: document as KubernetesDocument })))
}

export function documentsOf<Kind extends keyof Specs>(kind: Kind): KubernetesDocument<Specs[Kind]>[] {
  return readDocuments()
    .map(({ document }) => document)
    .filter((document) => document.kind === kind) as KubernetesDocument<Specs[Kind]>[]
}

export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  )
}
