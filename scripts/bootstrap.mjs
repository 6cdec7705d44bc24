// The way into the project on a machine that has Node 20 or newer, and npm: `node scripts/bootstrap.mjs PROGRAM [ARGS]`.
// Makes sure of Node 24, pnpm and the dependencies, then runs the program with its arguments, its exit code and its
// signals. Plain JavaScript without dependencies; it says what takes a while on standard error, a line a step.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findLauncher, isGone } from './launcher.mjs'
import { runCommand } from './run-command.mjs'
import { findToolchain } from './toolchain.mjs'

const PROGRAMS = {
  start: 'scripts/start.ts',
  demo: 'scripts/demo.ts',
  test: 'scripts/test.ts',
  bench: 'scripts/bench.ts',
  chaos: 'scripts/chaos.ts',
  loadtest: 'apps/load-tester/src/main.ts',
  outbox: 'apps/operator/src/main.ts',
}
const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)))
const LAUNCHER_POLL_MS = 500
const EXIT_USAGE = 64

const [name = '', ...args] = process.argv.slice(2)
if (!Object.hasOwn(PROGRAMS, name)) {
  fail(`usage: node scripts/bootstrap.mjs ${Object.keys(PROGRAMS).join('|')} [ARGUMENTS]`, EXIT_USAGE)
}
try {
  const toolchain = findToolchain({
    projectFolder: PROJECT,
    cacheFile: join(PROJECT, '.outbox', 'toolchain.json'),
    step,
  })
  installDependencies(toolchain.path)
  run(toolchain, join(PROJECT, PROGRAMS[name]))
} catch (error) {
  fail(error.message, 1)
}

/** Says what is being done, does it, and says how long it took. */
function step(text, action) {
  process.stderr.write(`${text} … `)
  const startedAt = Date.now()
  try {
    const result = action()
    process.stderr.write(`${((Date.now() - startedAt) / 1_000).toFixed(1)} s\n`)
    return result
  } catch (error) {
    process.stderr.write('failed\n')
    throw error
  }
}

/** Nothing to do while the lockfile is the one that was installed last. */
function installDependencies(path) {
  const stamp = join(PROJECT, 'node_modules', '.installed-lockfile')
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((file) => readFileSync(join(PROJECT, file)))
  const lockfile = createHash('sha256').update(Buffer.concat(files)).digest('hex')
  if (readIfThere(stamp) === lockfile) return
  step('installing dependencies', () => {
    const env = { ...process.env, PATH: path, CI: 'true' }
    const { ok, output } = runCommand('pnpm install --frozen-lockfile', { cwd: PROJECT, env })
    if (!ok) throw new Error(`pnpm install --frozen-lockfile failed:\n${output}`)
    writeFileSync(stamp, lockfile)
  })
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Becomes the program, as far as one can: same arguments, terminal, signals, exit code, and it ends with this process. */
function run({ node, path }, program) {
  const child = spawn(node, [program, ...args], {
    env: { ...process.env, PATH: path },
    // The channel carries nothing: the program learns from its end that this process is gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  child.once('error', (error) => fail(error.message, 1))
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const launcher = findLauncher(process.env)
  if (launcher === undefined) return
  setInterval(() => isGone(launcher) && child.kill('SIGTERM'), LAUNCHER_POLL_MS).unref()
}

function fail(message, exitCode) {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}
