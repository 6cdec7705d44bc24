import { fileURLToPath } from 'node:url'
import { startStack } from '@outbox/local-stack/start-stack'
import { append } from './bench/append.ts'
import { apply } from './bench/apply.ts'
import { audit } from './bench/audit.ts'
import { backlog } from './bench/backlog.ts'
import { dropLeftDatabases } from './bench/bench-database.ts'
import { type BenchOptions, readBenchOptions } from './bench/bench-options.ts'
import { deleteLeftTopics } from './bench/bench-topic.ts'
import type { Benchmark } from './bench/benchmark.ts'
import { endToEnd } from './bench/end-to-end.ts'
import { halfRate } from './bench/half-rate.ts'
import { idleWriter } from './bench/idle-writer.ts'
import { latency } from './bench/latency.ts'
import { type Measured, measuredTable } from './bench/measured.ts'
import { relay } from './bench/relay.ts'
import { tester } from './bench/tester.ts'
import { runScript, type Script } from './run-script.ts'
import { unlessStopped } from './stop-signal.ts'

const STACK = fileURLToPath(import.meta.resolve('../.outbox/bench/stack'))
const EXIT_INTERRUPTED = 130

const BENCHMARKS: Record<string, Benchmark> = {
  append,
  relay,
  latency,
  'half-rate': halfRate,
  'idle-writer': idleWriter,
  apply,
  'end-to-end': endToEnd,
  tester,
  audit,
  backlog,
}
/** These take minutes and gigabytes: not unless they are named. */
const ONLY_NAMED = ['audit', 'backlog']
const USAGE = `pnpm bench [NAME …] [--messages N]     (npm run bench -- …)
Names, all of them but ${ONLY_NAMED.join(', ')} by default: ${Object.keys(BENCHMARKS).join(', ')}
--messages N   another size than the benchmarks' own, for a quick try
`

// kafkajs sets timers to times long past, which Node warns of: github.com/tulios/kafkajs/issues/1751
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`)
})

/**
 * `pnpm bench [NAME …]`: measures, on a stack of its own unless DATABASE_URL and KAFKA_BROKERS are given, and prints a
 * table. Exit code 0 also where an aim was missed, which the table says; 2 for a wrong command line.
 */
await runScript(async (script) => {
  try {
    const options = readBenchOptions(process.argv.slice(2), Object.keys(BENCHMARKS))
    process.stdout.write(options.help ? USAGE : `${measuredTable(await measure(options, script))}\n`)
    return 0
  } catch (error) {
    if (script.signal.aborted) return EXIT_INTERRUPTED
    throw error
  }
})

async function measure({ names, messages }: BenchOptions, { report, signal }: Script): Promise<Measured[]> {
  const { env } = process
  const given = { databaseUrl: env.DATABASE_URL, kafkaBrokers: env.KAFKA_BROKERS }
  await using stack = await unlessStopped(startStack({ folder: STACK, report, given, javaHome: env.JAVA_HOME }), signal)
  const { databaseUrl, kafkaBrokers } = stack
  if (!given.databaseUrl) await dropLeftDatabases(databaseUrl)
  if (!given.kafkaBrokers) await deleteLeftTopics(kafkaBrokers)
  const measured: Measured[] = []
  for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
    if (names.length > 0 ? !names.includes(name) : ONLY_NAMED.includes(name)) continue
    measured.push(...(await benchmark({ databaseUrl, kafkaBrokers, messages, env, report, signal })))
  }
  return measured
}
