import type { ReplayPlan } from '@outbox/outbox/plan-replay'

/** The options that make a replay go on behind `afterId`: times and the log's end as they were when it began. */
export function replayArguments(
  { choice: { since, until, topic, key }, endId }: ReplayPlan,
  { afterId, rate }: { afterId: bigint; rate: number },
): string {
  const options: [string, string | undefined][] = [
    ['--since', since?.toISOString()],
    ['--until', until?.toISOString()],
    ['--topic', topic],
    ['--key', key],
    ['--from-id', `${afterId + 1n}`],
    ['--to-id', `${endId}`],
    ['--rate', `${rate}`],
  ]
  return options.flatMap(([name, value]) => (value === undefined ? [] : [name, quoted(value)])).join(' ')
}

/** As a POSIX shell reads it. */
function quoted(value: string): string {
  return /^[\w.:@%+=,/-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}
