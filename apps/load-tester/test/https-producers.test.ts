import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { fakeProducer } from './fake-producer.ts'
import { fakeSystem } from './fake-system.ts'
import { startTester } from './tester-process.ts'

/** A producer of `https://localhost` and `https://127.0.0.1`, with a certificate that it signed itself. */
async function secureSystem() {
  const system = await fakeSystem()
  const extensions = [
    {
      name: 'subjectAltName' as const,
      altNames: [
        { type: 2 as const, value: 'localhost' },
        { type: 7 as const, ip: '127.0.0.1' },
      ],
    },
  ]
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { extensions })
  const certificate = join(system.root, 'certificate.pem')
  await writeFile(certificate, cert)
  const { committed, apply: onCommit } = system
  const producer = await fakeProducer({ name: 'secure', committed, onCommit, tls: { key, cert } })
  return {
    certificate,
    producer,
    databaseUrl: system.url,
    async [Symbol.asyncDispose]() {
      await producer[Symbol.asyncDispose]()
      await system[Symbol.asyncDispose]()
    },
  }
}

test.each(['localhost', '127.0.0.1'])('a producer behind TLS at %s is sent to as any other', async (host) => {
  await using secure = await secureSystem()
  const runId = `https-${randomUUID()}`
  await using tester = startTester(runId, ['quick', '--run-id', runId], {
    databaseUrl: secure.databaseUrl,
    producers: secure.producer.url.replace('localhost', host),
    env: { NODE_EXTRA_CA_CERTS: secure.certificate },
  })
  const { code, said } = await tester.ended()
  expect(code, said).toBe(0)
  expect(secure.producer.received).toHaveLength(10)
  expect(said).not.toContain('Warning')
})

test('a certificate that nobody trusts is named as what keeps the tester from the producer', async () => {
  await using secure = await secureSystem()
  const runId = `https-${randomUUID()}`
  await using tester = startTester(runId, ['quick', '--run-id', runId], {
    databaseUrl: secure.databaseUrl,
    producers: secure.producer.url,
  })
  const { code, said } = await tester.ended()
  expect(code, said).toBe(4)
  expect(said).toMatch(/self-signed certificate/)
  expect(secure.producer.received).toEqual([])
})
