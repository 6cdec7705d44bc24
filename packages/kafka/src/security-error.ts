import type { KafkaSecurity } from './connect-kafka.ts'
import { rootCause } from './kafka-error.ts'

/** This client and the broker don't come together for the sake of TLS or SASL; the message names the setting to correct. */
export class SecurityError extends Error {
  readonly code = 'OUTBOX_KAFKA_SECURITY'

  constructor(remedy: string, cause: unknown) {
    super(`${remedy} (${rootCause(cause).error.message.trim()})`, { cause })
    this.name = 'SecurityError'
  }
}

/** What kafkajs or Node threw, as a SecurityError where it is one. */
export function explained(error: unknown, security: KafkaSecurity): unknown {
  const remedy = remedyFor(rootCause(error), security)
  return remedy === undefined ? error : new SecurityError(remedy, error)
}

function remedyFor(
  { error, kafkaCode }: ReturnType<typeof rootCause>,
  { tls, sasl }: KafkaSecurity,
): string | undefined {
  if (/^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA)/.test(kafkaCode)) return refusedCertificate
  if (error.message.includes('before secure TLS connection was established')) return noTls
  if (kafkaCode !== 'KafkaJSConnectionClosedError') return remedies[kafkaCode]
  // All that a broker says to a client that doesn't speak TLS, or doesn't give its name.
  const missing = [...(tls ? [] : ['KAFKA_TLS']), ...(sasl ? [] : ['KAFKA_SASL_MECHANISM'])].join(' or ')
  return missing === '' ? undefined : `the broker closes the connection: set ${missing} if this listener asks for it`
}

const refusedCertificate =
  "the broker doesn't take this client's certificate, or asks for one: correct KAFKA_TLS_CERT and KAFKA_TLS_KEY"
const noTls =
  'the broker closes the connection instead of speaking TLS: name another listener in KAFKA_BROKERS, or unset KAFKA_TLS'
const untrusted =
  "the authority of the broker's certificate is not trusted: name it in KAFKA_TLS_CA, or in the file of KAFKA_TLS_CA_FILE"

/** By Node's codes, Kafka's and kafkajs'. */
const remedies: Record<string, string> = {
  CERT_SIGNATURE_FAILURE: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the broker's certificate is for another host: correct KAFKA_BROKERS or the broker's advertised.listeners",
  KafkaJSSASLAuthenticationError: 'Kafka refuses the name or the password: correct KAFKA_USERNAME or KAFKA_PASSWORD',
  UNSUPPORTED_SASL_MECHANISM: 'this listener has other mechanisms: correct KAFKA_SASL_MECHANISM',
  ILLEGAL_SASL_STATE:
    'this listener has no SASL: name another listener in KAFKA_BROKERS, or unset KAFKA_SASL_MECHANISM',
}
