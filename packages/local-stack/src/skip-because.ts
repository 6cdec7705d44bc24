import type { TestContext } from 'vitest'

/** Skips a test, and leaves why where `npm test` finds it to print it: Vitest's JSON reporter drops the note of a skip. */
export function skipBecause({ task, skip }: TestContext, why: string): never {
  task.meta.skipped = why
  return skip(why)
}

declare module 'vitest' {
  interface TaskMeta {
    skipped?: string
  }
}
