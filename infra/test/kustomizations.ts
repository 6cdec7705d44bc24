import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { kubernetesFolder, parseFile, yamlFiles } from './kubernetes-documents.ts'

type Generator = { name: string; envs?: string[]; files?: string[]; literals?: string[] }

/** What a kustomization.yaml says; `folder` is where it stands. */
export type Kustomization = {
  folder: string
  resources?: string[]
  components?: string[]
  images?: { name: string }[]
  configMapGenerator?: Generator[]
  secretGenerator?: Generator[]
  patches?: { target: { kind: string; name?: string; labelSelector?: string }; patch: string }[]
}

/** The base first, what changes it last. */
export function readKustomizations(): Kustomization[] {
  return yamlFiles()
    .filter((file) => file.endsWith('kustomization.yaml'))
    .sort((one, other) => Number(other.startsWith('base')) - Number(one.startsWith('base')))
    .flatMap((file) => parseFile(file).map((read) => ({ ...(read as Kustomization), folder: dirname(file) })))
}

/**
 * The ConfigMaps or Secrets that are made of files and literals, by name; a later kustomization changes an earlier one's.
 * @param kustomizations by default those of the example
 */
export function generated(
  kind: 'configMapGenerator' | 'secretGenerator',
  kustomizations = ofTheExample(),
): Map<string, Record<string, string>> {
  const made = new Map<string, Record<string, string>>()
  for (const kustomization of kustomizations) {
    for (const generator of kustomization[kind] ?? []) {
      made.set(generator.name, { ...made.get(generator.name), ...entriesOf(generator, kustomization.folder) })
    }
  }
  return made
}

/** Without the components that are only offered. */
function ofTheExample(): Kustomization[] {
  const all = readKustomizations()
  const named = all.flatMap(({ folder, resources = [], components = [] }) =>
    [...resources, ...components].map((path) => join(folder, path)),
  )
  return all.filter(({ folder }) => folder === 'overlays/example' || named.includes(folder))
}

function entriesOf({ envs = [], files = [], literals = [] }: Generator, folder: string): Record<string, string> {
  const read = (file: string) => readFileSync(join(kubernetesFolder, folder, file), 'utf8')
  const lines = [...envs.flatMap((file) => read(file).split('\n')), ...literals]
  const settings = lines.filter((line) => line.trim() !== '' && !line.startsWith('#')).map(atEqualsSign)
  return Object.fromEntries([...settings, ...files.map(atEqualsSign).map(([key, file]) => [key, read(file)])])
}

function atEqualsSign(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}
