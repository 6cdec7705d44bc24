import { allFaults } from './chaos/all-faults.ts'
import { type ChaosOptions, chaosUsage, readChaosOptions } from './chaos/chaos-options.ts'
import { chaosReport } from './chaos/chaos-report.ts'
import { planRun, type RunPlan } from './chaos/plan-run.ts'
import { runChaos } from './chaos/run-chaos.ts'
import { runScenarios } from './chaos/run-scenarios.ts'
import { runScript, type Script } from './run-script.ts'

type DrawnRun = Extract<ChaosOptions, { kind: 'run' }>

const EXIT_FAILED = 1
const EXIT_INTERRUPTED = 130

// kafkajs sets timers to times long past, which Node warns of: github.com/tulios/kafkajs/issues/1751
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`)
})

/**
 * `pnpm chaos`: inflicts faults on a system of its own, and audits it. Exit code 0 when everything held, 1 when something
 * didn't, 2 for a wrong command line, 69 when something that it needs is missing, 130 when interrupted.
 */
await runScript(async (script) => {
  const options = readChaosOptions(process.argv.slice(2))
  if (options.kind === 'help') {
    process.stdout.write(chaosUsage)
    return 0
  }
  const again = commandOf(options)
  try {
    const { text, problems } = await carryOut(options, script)
    process.stdout.write(`\n${text}\n\n`)
    if (problems.length === 0) {
      process.stdout.write('passed\n')
      return 0
    }
    process.stdout.write(`failed:\n${problems.map((problem) => `  ${problem}\n`).join('')}\n`)
    process.stdout.write(`The same again: ${again}\nData and logs: .outbox/chaos\n`)
    return EXIT_FAILED
  } catch (error) {
    if (script.signal.aborted) return EXIT_INTERRUPTED
    script.report(`The same again: ${again}`)
    throw error
  }
})

async function carryOut(options: Exclude<ChaosOptions, { kind: 'help' }>, { report, signal }: Script) {
  const { env } = process
  const time = Date.now().toString(36)
  if (options.kind === 'scenarios') {
    return await runScenarios(options.scenarios, { name: `chaos-${time}`, env, report, signal })
  }
  const plan = planRun(options)
  const title = described(options, plan)
  report(title)
  const { seed, minutes } = options
  const result = await runChaos({ steps: plan.steps, minutes, name: `chaos-${seed}-${time}`, env, report, signal })
  return { text: `${title}\n\n${chaosReport(result)}`, problems: result.problems }
}

function described({ seed, minutes }: DrawnRun, { steps, leftOut }: RunPlan): string {
  const missing = leftOut.map(({ name }) => name).join(', ')
  const note = missing === '' ? '' : `\nFor these ${minutes} min are too few: ${missing}`
  return `seed ${seed}: ${steps.length} faults in about ${minutes} min${note}`
}

function commandOf(options: Exclude<ChaosOptions, { kind: 'help' }>): string {
  if (options.kind === 'scenarios')
    return `pnpm chaos --all --faults ${options.scenarios.map(({ name }) => name).join()}`
  const { seed, minutes, faults } = options
  const only = faults.length === allFaults.length ? '' : ` --faults ${faults.map(({ name }) => name).join()}`
  return `pnpm chaos --seed ${seed} --minutes ${minutes}${only}`
}
