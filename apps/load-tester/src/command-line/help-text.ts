import { knownMetrics } from '../report/thresholds.ts'
import { type KnownOption, knownOptions } from './known-options.ts'
import { scenarios } from './scenarios.ts'

/** What `--help` shows. */
export function helpText(): string {
  const sizes = Object.entries(scenarios).map(
    ([name, { messages, batchSize, concurrency }]) =>
      `  ${name.padEnd(18)}${messages.toLocaleString('en')} messages by ${batchSize}, ${concurrency} requests at once`,
  )
  const options = Object.entries<KnownOption>(knownOptions).map(([name, { value, help, short }]) => {
    const written = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
    return `  ${written.padEnd(24)}${help}`
  })
  return `Sends messages to the running system, waits until they took effect, and audits every one of them.

pnpm loadtest [SCENARIO] [OPTIONS]     (npm run loadtest -- [SCENARIO] [OPTIONS])
pnpm loadtest audit RUN-ID [OPTIONS]   audits a run again, also one whose tester was killed
pnpm loadtest compare A.json B.json    says what differs between two reports, and whether that is more than noise

Scenarios (default: quick)
${sizes.join('\n')}
  ${'saturation'.padEnd(18)}finds the highest rate that the system keeps up with, in a minute or two
  ${'demo'.padEnd(18)}explains itself, runs quick and then medium, and shows what to watch

Options
${options.join('\n')}

Thresholds: METRIC OPERATOR NUMBER, with < <= > >= == !=. Metrics: ${knownMetrics()}.

Exit code
  0  passed
  1  effects were lost, duplicated, reordered or corrupt, or sends failed
  2  wrong options
  3  a threshold was missed; the audit passed
  4  nothing to send to
  130  interrupted; the report is still printed
`
}
