import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Logger } from 'pino'
import { type Static, Type } from 'typebox'
import type { SettingProblem } from './read-settings.ts'

/** What is needed besides where Kafka doesn't take everybody's plain text. */
export const KafkaSecuritySettings = Type.Object({
  KAFKA_TLS: Type.Boolean({
    default: false,
    description: 'TLS, with brokers whose certificates are for the hosts in KAFKA_BROKERS and advertised.listeners',
  }),
  KAFKA_TLS_CA: Type.Optional(
    Type.Refine(
      Type.String({ description: "authorities of the brokers' certificates, instead of those that Node trusts" }),
      areCertificates,
      () => 'certificates as PEM',
    ),
  ),
  KAFKA_TLS_CERT: Type.Optional(
    Type.Refine(
      Type.String({ description: 'its own, where the brokers ask for one' }),
      areCertificates,
      () => 'a certificate as PEM',
    ),
  ),
  KAFKA_TLS_KEY: Type.Optional(Type.String({ secret: true, description: 'the private key of KAFKA_TLS_CERT, as PEM' })),
  KAFKA_SASL_MECHANISM: Type.Optional(
    Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512'], {
      description: 'how it authenticates; without one it does not',
    }),
  ),
  KAFKA_USERNAME: Type.Optional(Type.String({ description: 'for KAFKA_SASL_MECHANISM' })),
  KAFKA_PASSWORD: Type.Optional(Type.String({ secret: true, description: 'of KAFKA_USERNAME' })),
})
export type KafkaSecuritySettings = Static<typeof KafkaSecuritySettings>

/** Settings that are right one by one but don't go together. */
export function checkKafkaSecurity(settings: KafkaSecuritySettings): SettingProblem[] {
  const alone = companions.filter(([name, needed]) => settings[name] !== undefined && !settings[needed])
  if (alone.length > 0) {
    return alone.map(([name, needed]) => {
      const missing = needed === 'KAFKA_TLS' ? 'KAFKA_TLS=true' : needed
      return { setting: name, message: `${name} is set without ${missing}: set both, or unset ${name}.` }
    })
  }
  // Takes 20 ms, which whoever has no certificate is spared.
  if (settings.KAFKA_TLS_CERT === undefined) return []
  try {
    createSecureContext({ cert: settings.KAFKA_TLS_CERT, key: settings.KAFKA_TLS_KEY })
    return []
  } catch {
    const message = 'KAFKA_TLS_KEY (not shown) is not the private key of KAFKA_TLS_CERT, as PEM: correct one of them.'
    return [{ setting: 'KAFKA_TLS_KEY', message }]
  }
}

/** The second must be there for the first to be of any use. */
const companions = [
  ['KAFKA_TLS_CA', 'KAFKA_TLS'],
  ['KAFKA_TLS_CERT', 'KAFKA_TLS'],
  ['KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'],
  ['KAFKA_TLS_KEY', 'KAFKA_TLS_CERT'],
  ['KAFKA_SASL_MECHANISM', 'KAFKA_USERNAME'],
  ['KAFKA_SASL_MECHANISM', 'KAFKA_PASSWORD'],
  ['KAFKA_USERNAME', 'KAFKA_SASL_MECHANISM'],
  ['KAFKA_PASSWORD', 'KAFKA_SASL_MECHANISM'],
] as const

/** The `security` of a connection to Kafka. `logger` is warned of a password that everybody on the way can read. */
export function kafkaSecurity(settings: KafkaSecuritySettings, logger?: Pick<Logger, 'warn'>) {
  const { KAFKA_TLS, KAFKA_TLS_CA: ca, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key } = settings
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = settings
  if (mechanism === 'plain' && !KAFKA_TLS) {
    logger?.warn('KAFKA_SASL_MECHANISM=plain without KAFKA_TLS=true: the password goes over the network in the clear')
  }
  return {
    ...(KAFKA_TLS && { tls: { ...(ca && { ca }), ...(cert && key && { cert, key }) } }),
    ...(mechanism && username && password && { sasl: { mechanism, username, password } }),
  }
}

function areCertificates(text: string): boolean {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? []
  try {
    return certificates.map((certificate) => new X509Certificate(certificate)).length > 0
  } catch {
    return false
  }
}
