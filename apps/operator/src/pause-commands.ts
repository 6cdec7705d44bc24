import { pauseShards, resumeShards } from '@outbox/outbox/pause-shards'
import { shardCount } from '@outbox/outbox/shards'
import { type Command, InvalidArgumentError } from 'commander'
import { answer } from './answer.ts'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'
import { withDatabase } from './with-database.ts'

const changes = [
  { name: 'pause', done: 'paused', change: pauseShards, description: 'stops publishing of shards; the others go on' },
  { name: 'resume', done: 'resumed', change: resumeShards, description: 'lets paused shards be published again' },
] as const

/** `outbox pause …` and `outbox resume …`: takes shards away from the relays, and gives them back. */
export function addPauseCommands(program: Command, operator: Operator): void {
  for (const { name, done, change, description } of changes) {
    program
      .command(name)
      .description(description)
      .argument('[shard...]', `0 to ${shardCount - 1}`, (text: string, shards: number[] = []) => [
        ...shards,
        toShard(text),
      ])
      .option('--all', 'all shards')
      .action(async (named: number[] = [], { all }: { all?: true }, command: Command) => {
        const shards = choose(name, named, all)
        const changed = await withDatabase(command, operator, (db) => change(db, shards))
        const already = shards.filter((shard) => !changed.includes(shard))
        answer(command, operator, { value: { [done]: changed, already }, text: () => lines(done, changed, already) })
      })
  }
}

/** @returns in order, each once */
function choose(name: string, named: readonly number[], all: true | undefined): number[] {
  if (all && named.length > 0) {
    throw new OperatorError(`${name} which shards? Name them or say --all, not both.`, exitCodes.usage)
  }
  if (all) return Array.from({ length: shardCount }, (_, shard) => shard)
  if (named.length > 0) return [...new Set(named)].sort((a, b) => a - b)
  throw new OperatorError(`${name} which shards? Name them, or say --all.`, exitCodes.usage)
}

function lines(done: string, changed: readonly number[], already: readonly number[]): string[] {
  return [
    ...(changed.length > 0 ? [`${done}: ${changed.join(', ')}`] : []),
    ...(already.length > 0 ? [`as before: ${already.join(', ')}`] : []),
  ]
}

function toShard(text: string): number {
  const shard = Number(text)
  if (!/^[0-9]{1,2}$/.test(text) || shard >= shardCount) {
    throw new InvalidArgumentError(`A shard is a number from 0 to ${shardCount - 1}.`)
  }
  return shard
}
