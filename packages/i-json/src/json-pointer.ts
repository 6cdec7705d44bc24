const longestStep = 100

/**
 * Leads to a value of a document: `/messages/3/key`. A name may be as long as the body; its first 100 characters do.
 * @see RFC 6901
 */
export function jsonPointer(steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${escapeStep(String(step).slice(0, longestStep))}`).join('')
}

function escapeStep(step: string): string {
  return step.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')
}
