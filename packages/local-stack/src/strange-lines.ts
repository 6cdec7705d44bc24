/**
 * The lines of what an app printed that aren't its log's: each of those is JSON, says when it was written, by which instance and how
 * serious it is, and has a message.
 */
export function strangeLines(printed: string): string[] {
  return printed.split('\n').filter((line) => line !== '' && !isLogLine(line))
}

function isLogLine(line: string): boolean {
  try {
    const { instance, level, time, msg } = JSON.parse(line)
    const named = typeof instance === 'string' && instance !== '' && typeof msg === 'string' && msg !== ''
    return named && [10, 20, 30, 40, 50, 60].includes(level) && Number.isInteger(time)
  } catch {
    return false
  }
}
