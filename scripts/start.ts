import { once } from 'node:events'
import { relative } from 'node:path'
import { startSystem } from '@outbox/local-stack/start-system'
import type { SystemFile } from '@outbox/local-stack/system-file'
import { localSystem } from './local-system.ts'
import { runScript } from './run-script.ts'
import { unlessStopped } from './stop-signal.ts'
import { readSystemSize, sizeUsage } from './system-size.ts'

const USAGE = `npm start [-- --producers N --relays N --consumers N]     (pnpm start …)
The whole system, kept up until Ctrl-C.
${sizeUsage}
`

/**
 * `npm start`: the whole system, kept up until Ctrl-C. Exit code 0 when it was stopped, 2 for a wrong command line, 69 when
 * something that it needs is missing or in the way (a taken port, no Java), 130 when stopped before all was up, 1 on any
 * other failure.
 */
await runScript(async ({ report, signal }) => {
  const size = readSystemSize(process.argv.slice(2))
  if (size === undefined) {
    process.stdout.write(USAGE)
    return 0
  }
  await using system = await unlessStopped(startSystem(localSystem(process.env, report, size)), signal)
  report(describe(system))
  if (!signal.aborted) await once(signal, 'abort')
  report('stopping')
  return 0
})

function describe({ apps, databaseUrl, kafkaBrokers }: SystemFile): string {
  const lines = [
    ['PostgreSQL', databaseUrl, ''],
    ['Kafka', kafkaBrokers, ''],
    ...apps.map(({ name, url, logFile }) => [name, url, relative(process.cwd(), logFile)]),
  ]
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  )
  return `\n${table.join('\n')}\n\nTry: npm run loadtest -- medium (in another terminal). Ctrl-C stops everything.\n`
}
