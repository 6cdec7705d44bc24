import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentsOf, kubernetesFolder, readDocuments, yamlFiles } from './kubernetes-documents.ts'
import { readKustomizations } from './kustomizations.ts'
import { schemaProblems } from './schema-problems.ts'

test.for(readDocuments().map(({ file, document }) => ({ ...document, file })))(
  '$kind $metadata.name in $file fits the schema of its kind',
  ({ file: _, ...document }) => {
    expect(schemaProblems(document)).toEqual([])
  },
)

test('a field that is misspelt, missing or of another type is found', () => {
  const [relay] = documentsOf('Deployment')
  const wrong = structuredClone(relay) as unknown as { spec: { template: { spec: { containers: object[] } } } }
  Object.assign(wrong.spec.template.spec.containers[0] ?? {}, { name: undefined, readinesProbe: {}, workingDir: 1 })
  expect(schemaProblems(wrong)).toEqual([
    'data/spec/template/spec/containers/0 must have required property name',
    'data/spec/template/spec/containers/0/workingDir must be string',
    'spec.template.spec.containers.0.readinesProbe is unknown',
  ])
})

test('every file is named by a kustomization, and every file that is named is there', () => {
  const named = readKustomizations().flatMap(
    ({ folder, resources = [], configMapGenerator = [], secretGenerator = [] }) => [
      ...resources.filter((path) => path.endsWith('.yaml')).map((path) => join(folder, path)),
      ...configMapGenerator.flatMap(({ envs = [] }) => envs.map((path) => join(folder, path))),
      ...secretGenerator.flatMap(({ files = [] }) => files.map((file) => join(folder, file.split('=')[1] ?? ''))),
    ],
  )
  for (const file of named) expect(existsSync(join(kubernetesFolder, file)), file).toBe(true)
  for (const file of yamlFiles().filter((file) => !file.endsWith('kustomization.yaml'))) expect(named).toContain(file)
  const folders = readKustomizations().flatMap(({ folder, resources = [], components = [] }) =>
    [...resources.filter((path) => !path.endsWith('.yaml')), ...components].map((path) => join(folder, path)),
  )
  expect(folders).toEqual(['base', 'autoscaling'])
})

test('what a kustomization patches is there', () => {
  const documents = readDocuments().map(({ document }) => document)
  for (const { target } of readKustomizations().flatMap(({ patches = [] }) => patches)) {
    const targets = documents.filter(
      ({ kind, metadata }) => kind === target.kind && metadata.name === (target.name ?? metadata.name),
    )
    expect(targets.length, JSON.stringify(target)).toBeGreaterThan(0)
  }
})

test('no two documents of a kind have one name', () => {
  const names = readDocuments().map(({ document }) => `${document.kind} ${document.metadata.name}`)
  expect(new Set(names).size).toBe(names.length)
})
