import { createLayout } from '@outbox/service/text-layout'
import type { ChaosResult, ChaosRun } from './run-chaos.ts'
import { runScenario } from './run-scenario.ts'
import type { Scenario } from './scenario.ts'
import { seconds } from './seconds.ts'

/** What became of a scenario: its run, or why there was none. */
type Outcome = { scenario: Scenario; result: ChaosResult } | { scenario: Scenario; skipped: string }

const WIDTH = 120

/**
 * Runs scenarios one after the other.
 * @returns a table of them, and what didn't hold, a sentence each
 */
export async function runScenarios(
  scenarios: readonly Scenario[],
  { name, env, report, signal }: Pick<ChaosRun, 'name' | 'env' | 'report' | 'signal'>,
): Promise<{ text: string; problems: string[] }> {
  const outcomes: Outcome[] = []
  for (const scenario of scenarios) {
    const lacking = await scenario.lacks?.()
    if (lacking !== undefined) {
      report(`${scenario.name}: skipped, this machine lacks ${lacking}`)
      outcomes.push({ scenario, skipped: `skipped: lacks ${lacking}` })
      continue
    }
    report(`${scenario.name}: ${scenario.does}`)
    const context = { name: `${name}-${scenario.name}`, env, report: (line: string) => report(`  ${line}`), signal }
    outcomes.push({ scenario, result: await runScenario(scenario, context) })
  }
  const table = createLayout(WIDTH).table(['', 'answered 202', 'repeated', 'recovery', 'verdict'], outcomes.map(row))
  return { text: table.join('\n'), problems: outcomes.flatMap(problemsOf) }
}

function row(outcome: Outcome): string[] {
  const { scenario } = outcome
  const title = `${scenario.name} (${scenario.numbers.join(', ')})`
  if ('skipped' in outcome) return [title, '', '', '', outcome.skipped]
  const { ledgers, inflicted, problems } = outcome.result
  const answered = ledgers.loads.reduce((sum, { audit }) => sum + (audit?.totals.sent ?? 0), 0)
  const repeated = ledgers.topics.reduce((sum, { duplicatesAtMs }) => sum + duplicatesAtMs.length, 0)
  const recovery = inflicted[0]?.recoveryMs
  return [
    title,
    answered.toLocaleString('en'),
    repeated.toLocaleString('en'),
    recovery === undefined ? 'none' : seconds(recovery),
    problems.length === 0 ? 'held' : 'failed',
  ]
}

function problemsOf(outcome: Outcome): string[] {
  if ('skipped' in outcome) return []
  return outcome.result.problems.map((problem) => `${outcome.scenario.name}: ${problem}`)
}
