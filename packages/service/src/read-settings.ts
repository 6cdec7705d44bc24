import { readFileSync } from 'node:fs'
import type { Static, TObject, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { describeSetting, type SettingSchema } from './describe-setting.ts'

/** What is wrong with one setting, and what to do: one line. */
export type SettingProblem = { setting: string; message: string }

/** Settings are wrong; the message has one line for each of them and never shows a secret. */
export class SettingsError extends Error {
  readonly code = 'OUTBOX_SETTINGS'
  readonly problems: readonly SettingProblem[]

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(({ message }) => message).join('\n'))
    this.name = 'SettingsError'
    this.problems = problems
  }
}

/** Strings by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings that `schema` names. Types, bounds, defaults and texts come from the schema alone; a property
 * with `secret: true` is never shown. Integers, booleans and comma-separated lists are converted strictly, and blank
 * is as wrong as any other wrong value. `NAME_FILE` names a file that holds the value of `NAME`.
 * @param check looks at settings that are right one by one but don't go together
 * @throws {SettingsError} naming every setting that is wrong
 */
export function readSettings<Schema extends TObject>(
  schema: Schema,
  env: Environment,
  check: (settings: Static<Schema>) => SettingProblem[] = () => [],
): Static<Schema> {
  const problems: SettingProblem[] = []
  const settings: Record<string, unknown> = {}
  const required = new Set<string>(schema.required)
  for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
    const read = readSetting(name, property as SettingSchema, env, required.has(name))
    if ('problem' in read) problems.push({ setting: name, message: read.problem })
    else if (read.value !== undefined) settings[name] = read.value
  }
  if (problems.length === 0) problems.push(...check(settings as Static<Schema>))
  if (problems.length > 0) throw new SettingsError(problems)
  return Object.freeze(settings) as Static<Schema>
}

type Read = { value: unknown } | { problem: string }

function readSetting(name: string, schema: SettingSchema, env: Environment, required: boolean): Read {
  const text = readText(name, env)
  if ('problem' in text) return text
  const allowed = describeSetting(schema)
  if (text.value === undefined) {
    if (schema.default !== undefined || !required) return { value: schema.default }
    return { problem: `${name} is missing: set it to ${allowed}.` }
  }
  const value = convert(text.value, schema)
  if (value !== undefined && Value.Check(schema, value)) return { value }
  const shown = schema.secret ? 'has a value (not shown, it may hold a secret) that is' : `is ${show(text.value)},`
  const otherwise = schema.default === undefined ? '' : `, or unset it for ${show(String(schema.default))}`
  return { problem: `${name} ${shown} not allowed: set it to ${allowed}${otherwise}.` }
}

function readText(name: string, env: Environment): { value: string | undefined } | { problem: string } {
  const file = `${name}_FILE`
  const path = env[file]
  if (path === undefined) return { value: env[name] }
  if (env[name] !== undefined) return { problem: `${name} and ${file} are both set: unset one of them.` }
  try {
    // Editors and `echo` end a file with a line break, which is no part of a secret.
    return { value: readFileSync(path, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error
    return { problem: `${file} is ${show(path)}, which can't be read (${reason}): name a file that holds ${name}.` }
  }
}

/** Undefined where the text isn't of the type at all; bounds are the schema's affair. */
function convert(text: string, schema: SettingSchema): unknown {
  if (text.trim() === '') return undefined
  switch (schema.type) {
    case 'integer':
      return /^-?(0|[1-9]\d*)$/.test(text) ? Number(text) : undefined
    case 'boolean':
      return { true: true, false: false }[text]
    case 'array':
      return text.split(',').map((item) => item.trim())
    default:
      return text
  }
}

const longestShown = 100

/** A URL or a name with an @ may have a password before it, wherever it was put by mistake: a broker, the path of a file. */
function show(text: string): string {
  if (/@|:\/\//.test(text)) return '(not shown, it may hold a password)'
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
}
