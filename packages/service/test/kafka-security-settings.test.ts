import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { checkKafkaSecurity, KafkaSecuritySettings, kafkaSecurity } from '../src/kafka-security-settings.ts'
import { type Environment, readSettings } from '../src/read-settings.ts'

const read = (env: Environment) => readSettings(KafkaSecuritySettings, env, checkKafkaSecurity)

/** What comes of settings, and what is logged of it. */
function security(env: Environment) {
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  return { ...kafkaSecurity(read(env), logger), lines }
}

const [one = '', other = ''] = rootCertificates
const authorities = `${one}\n${other}`
const user = { KAFKA_USERNAME: 'app', KAFKA_PASSWORD: 'geheim' }
const scram = { KAFKA_SASL_MECHANISM: 'scram-sha-512', ...user }
const sasl = { mechanism: 'scram-sha-512', username: 'app', password: 'geheim' }

test.for<[Environment, object]>([
  [{}, {}],
  [{ KAFKA_TLS: 'false' }, {}],
  [{ KAFKA_TLS: 'true' }, { tls: {} }],
  [{ KAFKA_TLS: 'true', KAFKA_TLS_CA: authorities }, { tls: { ca: authorities } }],
  [scram, { sasl }],
  [
    { KAFKA_TLS: 'true', ...scram },
    { tls: {}, sasl },
  ],
])('%o', ([env, expected]) => {
  expect(security(env)).toEqual({ ...expected, lines: [] })
})

test('a password that everybody on the way can read is warned of, and not shown', () => {
  const plain = { ...scram, KAFKA_SASL_MECHANISM: 'plain' }
  expect(security(plain).lines).toEqual([expect.stringMatching(/"level":40.*goes over the network in the clear/)])
  expect(security(plain).lines.join()).not.toContain('geheim')
  expect(security({ ...plain, KAFKA_TLS: 'true' }).lines).toEqual([])
})

test.for<[Environment, string[]]>([
  [{ KAFKA_TLS_CA: one }, ['KAFKA_TLS_CA is set without KAFKA_TLS=true: set both, or unset KAFKA_TLS_CA.']],
  [
    { KAFKA_TLS: 'true', KAFKA_TLS_CERT: one },
    ['KAFKA_TLS_CERT is set without KAFKA_TLS_KEY: set both, or unset KAFKA_TLS_CERT.'],
  ],
  [{ KAFKA_TLS: 'true', KAFKA_TLS_KEY: 'geheim' }, [expect.stringMatching('^KAFKA_TLS_KEY is .* KAFKA_TLS_CERT')]],
  [
    { KAFKA_TLS: 'true', KAFKA_TLS_CERT: one, KAFKA_TLS_KEY: 'geheim' },
    [expect.stringMatching('^KAFKA_TLS_KEY .* is not the private key of KAFKA_TLS_CERT')],
  ],
  [
    { KAFKA_SASL_MECHANISM: 'plain' },
    [expect.stringContaining('without KAFKA_USERNAME:'), expect.stringContaining('without KAFKA_PASSWORD:')],
  ],
  [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'app' }, [expect.stringContaining('without KAFKA_PASSWORD:')]],
  [
    user,
    [expect.stringMatching('^KAFKA_USERNAME is set without KAFKA_SASL'), expect.stringMatching('^KAFKA_PASSWORD is')],
  ],
  [{ ...scram, KAFKA_SASL_MECHANISM: 'gssapi' }, [expect.stringMatching('one of plain, scram-sha-256, scram-sha-512')]],
  [{ KAFKA_TLS: 'true', KAFKA_TLS_CA: '/ca.crt' }, [expect.stringMatching(/^KAFKA_TLS_CA is "\/ca.crt", .* as PEM/)]],
  [{ KAFKA_TLS: 'true', KAFKA_TLS_CA: one.replaceAll('A', '') }, [expect.stringMatching('^KAFKA_TLS_CA is')]],
])('%o is refused', ([env, lines]) => {
  const refused = expect.objectContaining({ problems: lines.map((message) => expect.objectContaining({ message })) })
  expect(() => read(env)).toThrow(refused)
  expect(() => read(env)).not.toThrow('geheim')
})

test('authorities and password are read from files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafka-settings-'))
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const env = {
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA_FILE: await file('ca.crt', `${authorities}\n`),
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_USERNAME: 'app',
    KAFKA_PASSWORD_FILE: await file('password', 'geheim\n'),
  }
  expect(security(env)).toEqual({ tls: { ca: authorities }, sasl, lines: [] })
  await rm(folder, { recursive: true })
})
