/** How many there are of something, and the first few. */
export type Found = { count: number; examples: Example[] }

/** One message that was found, and what showed it. */
export type Example = { sequence: number; seen: string }

const examplesKept = 5

/** Nothing yet. */
export function nothing(): Found {
  return { count: 0, examples: [] }
}

/** Counts one more; `seen` is asked for what is to be said of it, if it is among the first. */
export function note(found: Found, sequence: number, seen: () => string): void {
  found.count += 1
  if (found.examples.length < examplesKept) found.examples.push({ sequence, seen: seen() })
}
