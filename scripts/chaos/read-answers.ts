import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a load test's clients were answered, a message each by its sequence. */
export type Answers = { sent: number[]; failed: number[]; unknown: number[][] }

/** Reads the record that a load test keeps; `unknown` by batches, each of which is all or nothing. */
export async function readAnswers(folder: string): Promise<Answers> {
  const { options } = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as {
    options: { messages: number; batchSize: number }
  }
  const answers: Answers = { sent: [], failed: [], unknown: [] }
  await using file = await open(join(folder, 'outcomes.jsonl'))
  for await (const line of file.readLines()) {
    const settled = parsed(line)
    if (settled === undefined || 'finished' in settled) continue
    const first = settled.batch * options.batchSize
    const count = Math.min(options.batchSize, options.messages - first)
    const sequences = Array.from({ length: count }, (_, index) => first + index)
    if (settled.outcome === 'unknown') answers.unknown.push(sequences)
    else answers[settled.outcome].push(...sequences)
  }
  return answers
}

/** @returns undefined for a line that the tester was killed in the middle of */
function parsed(line: string): { batch: number; outcome: keyof Answers } | { finished: true } | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
