import { basename, dirname } from 'node:path'
import { rootCertificates } from 'node:tls'
import { expect, test } from 'vitest'
import { environmentOf, programOf, readAsProgram, unknownNames } from './app-environment.ts'
import { patched } from './json-patch.ts'
import { documentsOf, type KubernetesDocument } from './kubernetes-documents.ts'
import { generated, type Kustomization, readKustomizations } from './kustomizations.ts'
import { schemaProblems } from './schema-problems.ts'

const apps = kustomization('kafka-security')
const keda = kustomization('kafka-security-keda')
const settings = generated('configMapGenerator', [apps]).get('outbox-kafka') ?? {}
const isSecured = ({ metadata }: KubernetesDocument) =>
  ['relay', 'consumer'].includes(metadata.labels['app.kubernetes.io/name'] ?? '')
const secured = documentsOf('Deployment').filter(isSecured)

function kustomization(folder: string): Kustomization {
  const found = readKustomizations().find((each) => each.folder === folder)
  if (found === undefined) throw new Error(`there is no ${folder}`)
  return found
}

/** `document` as the patches of its kind leave it. */
function patchedBy<Document extends KubernetesDocument>({ patches = [] }: Kustomization, document: Document): Document {
  const ofKind = patches.filter(({ target }) => target.kind === document.kind)
  expect(ofKind).toHaveLength(1)
  return ofKind.reduce((at, { patch }) => patched(at, patch), document)
}

test('relays and consumers take the settings', () => {
  const secrets = { KAFKA_TLS_CA: rootCertificates[0], KAFKA_USERNAME: 'app', KAFKA_PASSWORD: 'secret' }
  const given = Object.entries(settings).filter(([name]) => !name.endsWith('_FILE'))
  for (const { spec } of secured) {
    const [container] = spec.template.spec.containers
    const { DATABASE_URL_FILE: _, ...env } = environmentOf(container)
    const complete = { ...env, DATABASE_URL: 'postgres://h/d', ...Object.fromEntries(given), ...secrets }
    expect(unknownNames(programOf(container), settings)).toEqual([])
    expect(() => readAsProgram(programOf(container), complete)).not.toThrow()
  }
  const files = Object.keys(settings).filter((name) => name.endsWith('_FILE'))
  expect(files.map((name) => name.slice(0, -'_FILE'.length)).sort()).toEqual(Object.keys(secrets).sort())
})

test('their pods have the files', () => {
  expect(secured).toHaveLength(4)
  for (const document of secured) {
    const pod = patchedBy(apps, document)
    expect(schemaProblems(pod)).toEqual([])
    const { containers, volumes } = pod.spec.template.spec
    const mount = containers[0].volumeMounts.at(-1)
    expect(volumes.find(({ name }) => name === mount?.name)?.secret.secretName).toBe('outbox-kafka')
    for (const file of filesOf(settings)) expect(dirname(file)).toBe(mount?.mountPath)
  }
})

test('they may reach the listener', () => {
  const policy = documentsOf('NetworkPolicy').find(({ metadata }) => metadata.name === 'outbox-kafka')
  if (policy === undefined) throw new Error('there is no policy')
  const open = patchedBy(apps, policy)
  expect(schemaProblems(open)).toEqual([])
  expect(open.spec.egress).toEqual([{ ports: [{ port: 9093 }] }])
})

test('KEDA has the same keys of the Secret, and each group asks by them', () => {
  const [authentication] = documentsOf('TriggerAuthentication')
  expect(authentication?.spec.secretTargetRef.map(({ key }) => key).sort()).toEqual(
    filesOf(settings)
      .map((file) => basename(file))
      .sort(),
  )
  for (const document of documentsOf('ScaledObject')
    .filter(isSecured)
    .filter(({ spec }) => spec.triggers[0]?.type === 'kafka')) {
    const scaled = patchedBy(keda, document)
    expect(schemaProblems(scaled)).toEqual([])
    expect(scaled.spec.triggers[0]).toMatchObject({
      metadata: { tls: 'enable', sasl: 'scram_sha512' },
      authenticationRef: { name: authentication?.metadata.name },
    })
  }
})

function filesOf(env: Record<string, string>): string[] {
  return Object.entries(env).flatMap(([name, file]) => (name.endsWith('_FILE') ? [file] : []))
}
