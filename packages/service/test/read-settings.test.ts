import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { KafkaSettings } from '../src/kafka-settings.ts'
import { type Environment, readSettings, SettingsError } from '../src/read-settings.ts'
import { ServiceSettings } from '../src/service-settings.ts'

const Settings = Type.Object({
  COUNT: Type.Integer({ minimum: 1, maximum: 10, default: 5, description: 'how many' }),
  FLAG: Type.Boolean({ default: false }),
  LIST: Type.Array(Type.String({ pattern: '^[a-z]+$', description: 'a word' }), { minItems: 1, uniqueItems: true }),
  SECRET: Type.Refine(
    Type.String({ secret: true }),
    (value) => value.startsWith('s:'),
    () => 'a text that begins with s:',
  ),
  LEVEL: Type.Optional(Type.Enum(['low', 'high'])),
})
const right = { LIST: 'a,b', SECRET: 's:ecret' }

function linesOf(env: Environment): string[] {
  try {
    readSettings(Settings, { ...right, ...env })
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split('\n')
    throw error
  }
}

test('texts become what the schema says; what is not set has its default', () => {
  const env = { ...right, COUNT: '7', FLAG: 'true', LIST: ' a , b ', LEVEL: 'high', OTHER: 'ignored' }
  expect(readSettings(Settings, env)).toEqual({
    COUNT: 7,
    FLAG: true,
    LIST: ['a', 'b'],
    SECRET: 's:ecret',
    LEVEL: 'high',
  })
  expect(readSettings(Settings, right)).toEqual({ COUNT: 5, FLAG: false, LIST: ['a', 'b'], SECRET: 's:ecret' })
})

test('a wrong one is one line that names it, its value, what is allowed, and the way out', () => {
  expect(linesOf({ COUNT: '11' })).toEqual([
    'COUNT is "11", not allowed: set it to an integer from 1 to 10 (how many), or unset it for "5".',
  ])
  expect(linesOf({ LEVEL: 'LOW' })).toEqual(['LEVEL is "LOW", not allowed: set it to one of low, high.'])
})

test.each<[string, string[]]>([
  ['COUNT', ['', ' ', 'ten', '1.0', '1e1', '0x1', ' 1', '1 ', '+1', '01', '-0', '0', '11', '9007199254740993']],
  ['FLAG', ['', 'True', 'yes', '1', '0', ' true']],
  ['LIST', ['', ' ', ',', 'a,', 'a,,b', 'a,a', 'A', 'a b']],
  ['SECRET', ['', ' ', 'open']],
  ['LEVEL', ['', 'medium', 'low,high']],
])('%s is taken strictly', (name, values) => {
  for (const value of values) {
    const lines = linesOf({ [name]: value })
    expect(lines, JSON.stringify(value)).toEqual([expect.stringMatching(`^${name} `)])
  }
})

test('what is missing is named, together with all else that is wrong', () => {
  expect(linesOf({ LIST: undefined, COUNT: 'x' })).toEqual([
    expect.stringMatching('^COUNT '),
    'LIST is missing: set it to a list, separated by commas without repetition, each item a word.',
  ])
})

test('a secret is never shown', () => {
  expect(linesOf({ SECRET: 'geheim' }).join()).not.toContain('geheim')
  const url = 'postgres://u:geheim@[/x'
  expect(() => readSettings(ServiceSettings, { PORT: '1', DATABASE_URL: url })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('geheim') }),
  )
})

test('what may hold a password by mistake is not shown either', () => {
  const url = 'postgres://u:geheim@h/d'
  for (const env of [{ LIST: url }, { LEVEL: 'u:geheim@h' }, { SECRET: undefined, SECRET_FILE: url }]) {
    expect(linesOf(env)).toEqual([expect.stringMatching(/^[A-Z_]+ is \(not shown, it may hold a password\)/)])
  }
})

test('a very long value is cut', () => {
  expect(linesOf({ LEVEL: 'x'.repeat(100_000) }).join().length).toBeLessThan(300)
})

test('NAME_FILE holds a value, without the line break at its end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'settings-'))
  const file = join(folder, 'secret')
  await writeFile(file, 's:from file\n')
  expect(readSettings(Settings, { LIST: 'a', SECRET_FILE: file })).toMatchObject({ SECRET: 's:from file' })
  expect(linesOf({ SECRET_FILE: file })).toEqual(['SECRET and SECRET_FILE are both set: unset one of them.'])
  await rm(folder, { recursive: true })
  expect(linesOf({ SECRET: undefined, SECRET_FILE: file })).toEqual([
    expect.stringMatching(/^SECRET_FILE is ".*", which can't be read \(ENOENT\)/),
  ])
})

test('settings that do not go together are named once each of them is right', () => {
  const check = ({ COUNT }: { COUNT: number }) =>
    COUNT > 5 ? [{ setting: 'COUNT', message: 'COUNT is too much.' }] : []
  expect(() => readSettings(Settings, { ...right, COUNT: '6' }, check)).toThrow('COUNT is too much.')
  expect(() => readSettings(Settings, { ...right, COUNT: '99' }, check)).not.toThrow('too much')
})

test.each([
  ['localhost:9092', true],
  ['a:9092, [::1]:9092 ,10.0.0.1:1', true],
  ['localhost', false],
  ['a:9092,a:9092', false],
  ['http://a:9092', false],
])('KAFKA_BROKERS=%s', (KAFKA_BROKERS, allowed) => {
  const read = () => readSettings(KafkaSettings, { KAFKA_BROKERS })
  if (allowed) expect(read().TOPICS).toEqual(['shared-events'])
  else expect(read).toThrow('KAFKA_BROKERS')
})

test.each(['.', '..', 'a/b', 'a b', 'a'.repeat(250), 'ä'])('TOPICS=%s is refused', (TOPICS) => {
  expect(() => readSettings(KafkaSettings, { KAFKA_BROKERS: 'a:1', TOPICS })).toThrow('TOPICS')
})

test.each(['postgres://u:p@h:1/d?sslmode=disable', 'postgresql:///d', 'postgres://u:p%40ss@[::1]/d'])(
  'DATABASE_URL=%s is allowed',
  (DATABASE_URL) => {
    expect(readSettings(ServiceSettings, { PORT: '1', DATABASE_URL })).toMatchObject({ DATABASE_URL })
  },
)

test.each(['mysql://h/d', 'h:5432', 'postgres://u:p@h:port/d', 'postgres:h'])(
  'DATABASE_URL=%s is refused',
  (DATABASE_URL) => {
    expect(() => readSettings(ServiceSettings, { PORT: '1', DATABASE_URL })).toThrow('DATABASE_URL')
  },
)
