import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startGuardian } from '@outbox/local-stack/guardian'
import { startSystem } from '@outbox/local-stack/start-system'
import { localSystem } from './local-system.ts'
import { runScript } from './run-script.ts'
import { unlessStopped } from './stop-signal.ts'

const LOAD_TESTER = fileURLToPath(import.meta.resolve('../apps/load-tester/src/main.ts'))
const REPORT_MS = 10_000

/**
 * `npm run demo [-- OPTIONS of loadtest]`: starts the whole system, runs a load test against it (the scenario `demo`
 * without options), stops everything, and ends with the load test's exit code.
 */
await runScript(async ({ report, signal }) => {
  const args = process.argv.slice(2)
  await using _system = await unlessStopped(startSystem(localSystem(process.env, report)), signal)
  const exitCode = await loadTest(args.length > 0 ? args : ['demo'], signal)
  report('stopping')
  return exitCode
})

async function loadTest(args: readonly string[], signal: AbortSignal): Promise<number> {
  // In a process group of its own (on Windows that would open a window): it hears of Ctrl-C once, from here, and has
  // the time to print its report.
  const detached = process.platform !== 'win32'
  const child = spawn(process.execPath, [LOAD_TESTER, ...args], { stdio: 'inherit', detached })
  if (child.pid !== undefined) startGuardian().guard(child.pid, { signal: 'SIGINT', graceMs: REPORT_MS })
  signal.addEventListener('abort', () => child.kill('SIGINT'))
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, name) => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])))
  })
}
