import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@outbox/local-stack/free-port'
import { startKafka } from '@outbox/local-stack/kafka-process'
import { type Authority, createAuthority } from './certificates.ts'

/** A broker that calls itself `localhost`; its certificate is for no other name and for no address. */
export type SecureKafka = AsyncDisposable & {
  /** Of the broker's certificate, and of those that it takes. */
  authority: Authority
  ports: Record<Listener, number>
}

/**
 * PLAINTEXT takes everybody. SECURE wants TLS and a name by SCRAM-SHA-512, MUTUAL a certificate. ASTRAY wants TLS and a name by
 * PLAIN, and sends its clients on to SECURE.
 */
type Listener = 'PLAINTEXT' | 'SECURE' | 'MUTUAL' | 'ASTRAY'

/** @throws {LocalStackError} OUTBOX_NO_JAVA */
export async function startSecureKafka(user: { username: string; password: string }): Promise<SecureKafka> {
  const authority = await createAuthority('an authority')
  const broker = await authority.certify('a broker', ['localhost'])
  const ports = {
    PLAINTEXT: await freePort(),
    SECURE: await freePort(),
    MUTUAL: await freePort(),
    ASTRAY: await freePort(),
  }
  const folder = await mkdtemp(join(tmpdir(), 'kafka-secure-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const keyStore = join(folder, 'broker.pem')
  const trustStore = join(folder, 'authority.pem')
  await writeFile(keyStore, `${broker.key}${broker.certificate}`)
  await writeFile(trustStore, authority.certificate)
  const kafka = await startKafka({
    folder,
    port: ports.PLAINTEXT,
    jvmArgs: ['-Xms128m', '-Xmx384m', '-XX:TieredStopAtLevel=1'],
    scramUsers: { [user.username]: user.password },
    settings: {
      ...(await listeners(ports)),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keyStore,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': trustStore,
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.secure.scram-sha-512.sasl.jaas.config': `${loginModules}.scram.ScramLoginModule required;`,
      'listener.name.astray.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.astray.plain.sasl.jaas.config': `${loginModules}.plain.PlainLoginModule required user_${user.username}="${user.password}";`,
    },
  }).catch(async (error: unknown) => {
    await remove()
    throw error
  })
  return {
    authority,
    ports,
    async [Symbol.asyncDispose]() {
      await kafka[Symbol.asyncDispose]()
      await remove()
    },
  }
}

const loginModules = 'org.apache.kafka.common.security'

/** Those of local-stack's Kafka, and more; its controller is told anew, since it is one of them. */
async function listeners(ports: SecureKafka['ports']): Promise<Record<string, string>> {
  const controller = `127.0.0.1:${await freePort()}`
  const { PLAINTEXT, SECURE, MUTUAL, ASTRAY } = ports
  return {
    'controller.quorum.voters': `1@${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${PLAINTEXT},SECURE://127.0.0.1:${SECURE},MUTUAL://127.0.0.1:${MUTUAL},ASTRAY://127.0.0.1:${ASTRAY},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${PLAINTEXT},SECURE://localhost:${SECURE},MUTUAL://localhost:${MUTUAL},ASTRAY://localhost:${SECURE}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL,MUTUAL:SSL,ASTRAY:SASL_SSL',
  }
}
