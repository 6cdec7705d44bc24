import { join } from 'node:path'
import type { Guardian } from './guardian.ts'
import { harmableKafka, harmablePostgres } from './harmable.ts'
import { startKafka } from './kafka-process.ts'
import { startPostgres } from './postgres-process.ts'
import type { ServiceSource } from './service-source.ts'
import type { StackOptions } from './stack-options.ts'

// Compiling less thoroughly, Java starts faster; a broker that a few tests use never earns the time back.
const SHORT_LIVED_JVM = ['-Xms256m', '-Xmx1g', '-XX:TieredStopAtLevel=1']

/** PostgreSQL and Kafka as processes of this machine. */
export function processServices(options: StackOptions, guardian: Guardian): ServiceSource {
  const { folder, report, ports, throwAway = false, javaHome } = options
  return {
    async postgres() {
      const postgres = await startPostgres({
        folder: join(folder, 'postgres'),
        fresh: throwAway,
        durable: !throwAway,
        guardian,
        ...(ports?.postgres && { port: ports.postgres }),
      })
      const told = `PostgreSQL 18 on 127.0.0.1:${postgres.port}`
      const harmable = harmablePostgres(postgres)
      return { address: postgres.url, told, harmable, [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose]() }
    },
    async kafka() {
      const kafka = await startKafka({
        folder: join(folder, 'kafka'),
        fresh: throwAway,
        guardian,
        report,
        javaHome,
        instead: 'start Docker',
        ...(throwAway && { jvmArgs: SHORT_LIVED_JVM }),
        ...(ports?.kafka && { port: ports.kafka }),
        ...(ports?.kafkaAdvertised && { advertisedPort: ports.kafkaAdvertised }),
      })
      const told = `Kafka ${kafka.version} on ${kafka.brokers}`
      const harmable = harmableKafka(kafka)
      return { address: kafka.brokers, told, harmable, [Symbol.asyncDispose]: () => kafka[Symbol.asyncDispose]() }
    },
  }
}
