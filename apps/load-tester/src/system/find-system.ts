import { composeSystem, type RunningSystem, urlsOf } from '@outbox/service/running-system'

/** Where a part of the system is, and who said so. */
export type SystemAddresses = {
  databaseUrl: string
  producers: string[]
  from: { database: string; producers: string }
}

const defaultProducers = ['http://127.0.0.1:5301', 'http://127.0.0.1:5302', 'http://127.0.0.1:5303']

/** What may name the addresses, each before the next: option, environment, the running system, the usual places. */
export type AddressSources = {
  options: { producers: string[] | undefined; databaseUrl: string | undefined }
  env: { DATABASE_URL?: string | undefined; PRODUCER_URLS?: string | undefined }
  running: RunningSystem | undefined
}

/** Finds out where the system is; whether it answers there is another question. */
export function findSystem({ options, env, running }: AddressSources): SystemAddresses {
  const [databaseUrl, database] = firstOf([
    [options.databaseUrl, '--database-url'],
    [env.DATABASE_URL, 'DATABASE_URL'],
    [running?.databaseUrl, '.outbox/system.json'],
    [composeSystem.databaseUrl, "Compose's database"],
  ])
  const [producers, from] = firstOf([
    [options.producers, '--producers'],
    [env.PRODUCER_URLS?.split(',').map((url) => url.trim()), 'PRODUCER_URLS'],
    [running && urlsOf('producer', running.apps), '.outbox/system.json'],
    [defaultProducers, 'the usual ports'],
  ])
  return { databaseUrl, producers, from: { database, producers: from } }
}

type Candidate<Value> = [value: Value | undefined, source: string]

/** The last one is always there. */
function firstOf<Value>(candidates: [...Candidate<Value>[], [Value, string]]): [Value, string] {
  for (const [value, source] of candidates) if (value !== undefined) return [value, source]
  return candidates[candidates.length - 1] as [Value, string]
}
