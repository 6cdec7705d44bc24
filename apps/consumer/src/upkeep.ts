import { setTimeout as sleep } from 'node:timers/promises'
import { replayDeadLetters } from '@outbox/inbox/replay-dead-letters'
import { groupLag } from '@outbox/kafka/group-lag'
import { Watchdogs } from '@outbox/service/watchdogs'
import type { GroupMember } from './group-member.ts'

// More wait for the next round, so that one round stays short.
const replaysARound = 100

/**
 * Until `signal` aborts, every CONSUMER_UPKEEP_MS: applies dead letters again whose replay was asked for, looks how
 * far the member is behind, and so finds out whether PostgreSQL and Kafka answer. Never throws.
 */
export async function upkeep(member: GroupMember, signal: AbortSignal): Promise<void> {
  const watchdogs = lagWatchdog(member)
  while (!signal.aborted) {
    await Promise.all([
      lookAfter('database', member, () => replay(member)),
      lookAfter('kafka', member, () => measureLag(member)),
    ])
    watchdogs.look(member.partitions.lag)
    await sleep(member.settings.CONSUMER_UPKEEP_MS, undefined, { signal }).catch(() => {})
  }
}

function lagWatchdog({ group, settings: { CONSUMER_WARN_LAG_MESSAGES: limit }, logger }: GroupMember) {
  const trouble = (lag: bigint) =>
    lag < limit
      ? undefined
      : `this member of ${group} is ${lag} messages behind: if outbox_consumer_batch_seconds is high the handler is slow, ` +
        'else start more members, as many as the topics have partitions at most'
  return new Watchdogs<bigint>([{ name: 'group falls behind', trouble }], { logger })
}

/** Reports the part as it proves to be. */
async function lookAfter(part: 'database' | 'kafka', { readiness, logger }: GroupMember, work: () => Promise<void>) {
  try {
    await work()
    readiness.up(part)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    readiness.down(part, reason)
    logger.warn({ part, reason }, 'a part does not answer')
  }
}

async function replay({ db, group, handle, metrics, logger }: GroupMember): Promise<void> {
  const replayed = await replayDeadLetters(db, { group, handler: handle, limit: replaysARound, logger })
  if (replayed.applied + replayed.failed === 0) return
  metrics.replayed(replayed)
  logger.info({ group, ...replayed }, 'dead letters were applied again')
}

async function measureLag({ kafka, group, topics, partitions }: GroupMember): Promise<void> {
  for (const { topic, partition, logEnd } of await groupLag(kafka, { group, topics })) {
    partitions.note({ topic, partition }, { logEnd })
  }
}
