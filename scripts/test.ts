import { spawn } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { attachTestStack } from '@outbox/local-stack/attach-test-stack'
import { type Guardian, startGuardian } from '@outbox/local-stack/guardian'
import { runScript, type Script } from './run-script.ts'
import { unlessStopped } from './stop-signal.ts'
import { type Counts, readTestResults } from './test-results.ts'

const PROJECT = fileURLToPath(import.meta.resolve('..'))
const RESULTS = fileURLToPath(import.meta.resolve('../.outbox/test-results'))
const STACK = fileURLToPath(import.meta.resolve('../.outbox/test'))
const TURBO = fileURLToPath(import.meta.resolve('../node_modules/turbo/bin/turbo'))
const TURBO_ENV = { OUTBOX_TEST_RESULTS: RESULTS, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }

/**
 * `npm test [-- OPTIONS of turbo run]`: lint, types and every package's tests. The last line is `N passed, N failed`,
 * lint and types counted as one each; exit code 1 when something failed or a package reported nothing.
 */
await runScript(async (script) => {
  const options = process.argv.slice(2)
  const guardian = startGuardian()
  const packages = await packagesWithTests(options, { script, guardian })
  if (packages === undefined) return 1
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const check of ['lint', 'typecheck']) {
    const { exitCode } = await turbo(['run', check, '--output-logs=errors-only', ...options], { script, guardian })
    counts[exitCode === 0 ? 'passed' : 'failed']++
  }

  await rm(RESULTS, { recursive: true, force: true })
  await mkdir(RESULTS, { recursive: true })
  // Held here as well, so that the stack stays up from the first package to the last.
  await using _stack = await unlessStopped(holdStack(script), script.signal)
  const tests = await turbo(['run', 'test', '--continue', '--log-order=grouped', ...options], { script, guardian })
  if (script.signal.aborted) return tests.exitCode || 130

  const results = await readTestResults({ folder: RESULTS, packages, exitCode: tests.exitCode })
  for (const line of results.remarks) process.stdout.write(`${line}\n`)
  counts.passed += results.counts.passed
  counts.failed += results.counts.failed
  const skipped = results.counts.skipped > 0 ? `, ${results.counts.skipped} skipped` : ''
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
  return counts.failed > 0 ? 1 : 0
})

async function holdStack({ report }: Script): Promise<AsyncDisposable> {
  const { DATABASE_URL, KAFKA_BROKERS } = process.env
  if (DATABASE_URL && KAFKA_BROKERS) return { [Symbol.asyncDispose]: async () => {} }
  return await attachTestStack({ folder: STACK, report })
}

/** The folders of the packages whose tests this run comprises; undefined when turbo has said what's wrong with them. */
async function packagesWithTests(options: readonly string[], context: Context): Promise<string[] | undefined> {
  const { exitCode, output } = await turbo(['run', 'test', '--dry=json', ...options], context, 'collect')
  if (exitCode !== 0) return undefined
  const { tasks } = JSON.parse(output) as { tasks: { task: string; directory: string; command: string }[] }
  return tasks
    .filter(({ task, command }) => task === 'test' && command !== '<NONEXISTENT>')
    .map((task) => task.directory)
}

type Context = { script: Script; guardian: Guardian }

async function turbo(args: readonly string[], { script, guardian }: Context, stdout: 'show' | 'collect' = 'show') {
  const child = spawn(process.execPath, [TURBO, ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...TURBO_ENV, ...(!process.stdout.isTTY && { NO_COLOR: '1' }) },
    stdio: ['ignore', stdout === 'show' ? 'inherit' : 'pipe', 'inherit'],
  })
  if (child.pid !== undefined) guardian.guard(child.pid, { signal: 'SIGTERM', graceMs: 10_000 })
  script.signal.addEventListener('abort', () => child.kill('SIGTERM'))
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  if (child.pid !== undefined) guardian.release(child.pid)
  return { exitCode, output }
}
