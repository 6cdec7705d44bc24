import { allFaults } from './chaos/all-faults.ts'
import { type ChaosOptions, chaosUsage, readChaosOptions } from './chaos/chaos-options.ts'
import { chaosReport } from './chaos/chaos-report.ts'
import { planRun, type RunPlan } from './chaos/plan-run.ts'
import { runChaos } from './chaos/run-chaos.ts'
import { runScript } from './run-script.ts'

const EXIT_FAILED = 1
const EXIT_INTERRUPTED = 130

// kafkajs sets timers to times long past, which Node warns of: github.com/tulios/kafkajs/issues/1751
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`)
})

/**
 * `pnpm chaos`: inflicts faults drawn from a seed on a system of its own, and audits it. Exit code 0 when everything held, 1 when
 * something didn't, 2 for a wrong command line, 69 when something that it needs is missing, 130 when interrupted.
 */
await runScript(async ({ report, signal }) => {
  const options = readChaosOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(chaosUsage)
    return 0
  }
  const plan = planRun(options)
  report(described(options, plan))
  try {
    const name = `chaos-${options.seed}-${Date.now().toString(36)}`
    const result = await runChaos({ plan, name, minutes: options.minutes, env: process.env, report, signal })
    process.stdout.write(`\n${chaosReport(result)}\n`)
    if (result.problems.length === 0) return 0
    process.stdout.write(`\nThe same again: ${again(options)}\nData and logs: .outbox/chaos\n`)
    return EXIT_FAILED
  } catch (error) {
    if (signal.aborted) return EXIT_INTERRUPTED
    report(`The same again: ${again(options)}`)
    throw error
  }
})

function described({ seed, minutes }: ChaosOptions, { steps, leftOut }: RunPlan): string {
  const missing = leftOut.map(({ name }) => name).join(', ')
  const note = missing === '' ? '' : `\nFor these ${minutes} min are too few: ${missing}`
  return `seed ${seed}: ${steps.length} faults in about ${minutes} min${note}`
}

function again({ seed, minutes, faults }: ChaosOptions): string {
  const only = faults.length === allFaults.length ? '' : ` --faults ${faults.map(({ name }) => name).join()}`
  return `pnpm chaos --seed ${seed} --minutes ${minutes}${only}`
}
