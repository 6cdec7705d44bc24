import { setTimeout as sleep } from 'node:timers/promises'
import { readProgress } from '@outbox/ledger/read-progress'
import type { System } from '@outbox/local-stack/start-system'
import { cpuSeconds } from '@outbox/processes/process-cost'
import type pg from 'pg'
import { benchDatabase } from './bench-database.ts'
import { benchTopic } from './bench-topic.ts'
import type { Bench } from './benchmark.ts'
import { startLoadTest } from './load-test.ts'
import type { Measured } from './measured.ts'
import { databasePid, serverPid } from './server-process.ts'
import { startApps } from './start-apps.ts'

const groups = 3
const pollMs = 500

/** The whole system under a load test, each message applied by three groups; the audit's own cost doesn't count. */
export async function endToEnd(bench: Bench): Promise<Measured[]> {
  const { databaseUrl, kafkaBrokers, messages = 1_000_000, report, signal } = bench
  await using database = await benchDatabase(databaseUrl, async () => {})
  await using to = await benchTopic(kafkaBrokers)
  const { topic } = to
  await using system = await startApps(bench, { databaseUrl: database.url, topic })
  const processes = processKinds(system)

  const before = costs(processes)
  const loadTest = startLoadTest(system, { run: topic, topic, messages, batchSize: 500, concurrency: 20, signal })
  processes.set('load tester', [loadTest.pid])
  await allEffects(database.pool, { run: topic, effects: messages * groups, end: loadTest.report })
  const after = costs(processes)
  const { totals, drain } = await loadTest.report

  const benchmark = 'end-to-end'
  const appliedPerSecond = (messages / (totals.durationMs + drain.durationMs)) * 1_000
  const micros = [...after].map(([kind, seconds]) => ({
    kind,
    value: ((seconds - (before.get(kind) ?? 0)) / messages) * 1e6,
  }))
  const sum = micros.reduce((sum, { value }) => sum + value, 0)
  const accepted = totals.throughputPerSecond
  report(`end-to-end: ${Math.round(appliedPerSecond).toLocaleString('en')}/s, ${sum.toFixed(1)} µs of CPU`)
  return [
    { benchmark, figure: 'accepted', value: accepted, unit: 'messages/s' },
    { benchmark, figure: 'applied by three groups', value: appliedPerSecond, unit: 'messages/s' },
    { benchmark, figure: 'CPU in all', value: sum, unit: 'µs/message', aim: { atMost: 75 } },
    ...micros.map(({ kind, value }) => ({ benchmark, figure: `CPU of ${kind}`, value, unit: 'µs/message' })),
  ]
}

/** The processes of each kind, the servers' too. */
function processKinds({ apps, databaseUrl, kafkaBrokers }: System): Map<string, number[]> {
  const kinds = Map.groupBy(apps, ({ name }) => `${name.slice(0, name.indexOf('-'))}s`)
  const processes = new Map([...kinds].map(([kind, apps]) => [kind, apps.map(({ pid }) => pid)]))
  const [brokerHost = '', brokerPort] = kafkaBrokers.split(',')[0]?.split(':') ?? []
  const kafka = serverPid({ host: brokerHost, port: Number(brokerPort), command: 'java' })
  // Process 0 is nobody's: what it costs isn't known.
  return processes.set('PostgreSQL', [databasePid(databaseUrl)]).set('Kafka', [kafka ?? 0])
}

/** CPU seconds by kind of process. */
function costs(processes: ReadonlyMap<string, readonly number[]>): Map<string, number> {
  return new Map([...processes].map(([kind, pids]) => [kind, pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)]))
}

/** Waits until a run has had so many effects, over all groups, or until its end. */
async function allEffects(
  db: pg.Pool,
  { run, effects, end }: { run: string; effects: number; end: Promise<unknown> },
): Promise<void> {
  const ended = end.then(() => true)
  for (let over = false; !over; over = await Promise.race([sleep(pollMs, false), ended])) {
    const progress = await readProgress(db, run)
    if (progress.reduce((sum, part) => sum + Number(part.effects), 0) >= effects) return
  }
}
