import { createInterface } from 'node:readline/promises'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'

/** @throws {OperatorError} unless somebody at the terminal says yes */
export async function confirm({ stdin, stderr }: Operator, question: string): Promise<void> {
  if (!stdin.isTTY) throw new OperatorError(`${question} Say --yes where nobody can be asked.`, exitCodes.usage)
  stderr.write(`${question} [y/N] `)
  const lines = createInterface({ input: stdin })
  const answer = await lines.question('')
  lines.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new OperatorError('nothing was changed', exitCodes.failed)
}
