import type { RunOptions } from '../command-line/run-options.ts'

/** How long a run sends, where its options say so; undefined where it ends when its messages are sent. */
export function lastsMs({ durationMs, stages }: RunOptions): number | undefined {
  return durationMs ?? stages?.reduce((sum, { durationMs }) => sum + durationMs, 0)
}
