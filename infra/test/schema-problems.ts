import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Service } from 'kubernetes-models/v1/Service'

const models = [
  Deployment,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  ScaledObject,
  Service,
  TriggerAuthentication,
]

/**
 * What is wrong with a document by the schema of its kind: what the API server would refuse, and fields that it doesn't know. Those
 * the schemas let pass. But each asks for every field that it knows, so what is never asked for is unknown. (Not found are names in
 * maps, such as labels.)
 */
export function schemaProblems(document: object): string[] {
  const model = models.find(({ is }) => is(document))
  if (model === undefined) return ['its kind has no schema here']
  const unasked = new Set<string>()
  try {
    model.prototype.validate.call(watched(document, '', unasked) as never)
  } catch (error) {
    return [...(error as Error).message.split(', '), ...unknown(unasked)]
  }
  return unknown(unasked)
}

function unknown(unasked: ReadonlySet<string>): string[] {
  const paths = [...unasked]
  // Nothing below what is unknown itself is ever asked for.
  return paths
    .filter((path) => !paths.some((above) => path.startsWith(`${above}.`)))
    .map((path) => `${path} is unknown`)
}

/** `value`, which takes the path of each of its fields out of `unasked` as soon as somebody reads that field. */
function watched(value: unknown, path: string, unasked: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const fields = new Map<string | symbol, unknown>()
  for (const [key, field] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    unasked.add(at)
    fields.set(key, watched(field, at, unasked))
  }
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === 'string') unasked.delete(path === '' ? key : `${path}.${key}`)
      return fields.has(key) ? fields.get(key) : Reflect.get(target, key)
    },
  })
}
