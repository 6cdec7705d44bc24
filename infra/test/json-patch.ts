import { parseDocument } from 'yaml'

type Operation = { op: string; path: string; value?: unknown }

/**
 * A copy of `document` as a Kustomize patch leaves it. Knows as much of RFC 6902 as our patches need: `add`, also behind the last
 * element of an array, and `replace`.
 */
export function patched<Document extends object>(document: Document, patch: string): Document {
  const copy = structuredClone(document)
  for (const { op, path, value } of parseDocument(patch, { version: '1.1' }).toJS() as Operation[]) {
    const steps = path.slice(1).split('/')
    const last = steps.pop() ?? ''
    const parent = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], copy)
    if (Array.isArray(parent) && last === '-') parent.push(value)
    else if (op === 'add' || last in (parent as object)) Object.assign(parent as object, { [last]: value })
    else throw new Error(`${path} is not there`)
  }
  return copy
}
