import type { RunOptions } from './run-options.ts'

/** How long a run sends, where its options say so; undefined where it ends when its messages are sent. */
export function lastsMs({ durationMs, stages }: Pick<RunOptions, 'durationMs' | 'stages'>): number | undefined {
  return durationMs ?? stages?.reduce((sum, { durationMs }) => sum + durationMs, 0)
}
