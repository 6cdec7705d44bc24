import type { TSchema } from 'typebox'

/** What a setting may be, in words, from its schema: `an integer from 1 to 65535 (port to listen on)`. */
export function describeSetting(schema: SettingSchema): string {
  const described = schema as DescribedSchema
  // A pattern is for machines: whoever gives one says in the description what it means.
  if (described.pattern && described.description) return described.description
  const description = described.description ? ` (${described.description})` : ''
  return `${describeType(described)}${description}`
}

/** The parts of a property's JSON Schema that decide how its text is read. */
export type SettingSchema = TSchema & {
  type?: string
  enum?: unknown[]
  secret?: boolean
  default?: unknown
  items?: SettingSchema
}

type DescribedSchema = SettingSchema & {
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  description?: string
  '~refine'?: { error: (value: unknown) => string }[]
}

function describeType(schema: DescribedSchema): string {
  const refinement = schema['~refine']?.[0]
  if (refinement) return refinement.error(undefined)
  if (schema.enum) return `one of ${schema.enum.join(', ')}`
  switch (schema.type) {
    case 'integer':
      return `an integer${describeRange(schema)}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return `a list, separated by commas without repetition, each item ${describeSetting(schema.items ?? {})}`
    default:
      return 'a text that is not blank'
  }
}

function describeRange({ minimum, maximum }: DescribedSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}
