import { setTimeout as sleep } from 'node:timers/promises'
import { countDeadLettersOf } from '@outbox/inbox/count-dead-letters'
import { replayDeadLetters } from '@outbox/inbox/replay-dead-letters'
import { groupLag } from '@outbox/kafka/group-lag'
import { reasonOf } from '@outbox/service/reason-of'
import { Watchdogs } from '@outbox/service/watchdogs'
import type { GroupMember } from './group-member.ts'
import { groupWatchdogs } from './group-watchdogs.ts'

// More wait for the next round, so that one round stays short.
const replaysARound = 100

/**
 * Until `signal` aborts, every CONSUMER_UPKEEP_MS: applies dead letters again whose replay was asked for, counts those that the
 * group keeps, looks how far the member is behind, and so finds out whether PostgreSQL and Kafka answer. Never throws.
 */
export async function upkeep(member: GroupMember, signal: AbortSignal): Promise<void> {
  const { group, partitions, deadLetters, settings, logger } = member
  const lagMessages = settings.CONSUMER_WARN_LAG_MESSAGES
  const watchdogs = new Watchdogs(groupWatchdogs({ group, lagMessages }), { logger })
  while (!signal.aborted) {
    await Promise.all([
      lookAfter('database', member, async () => {
        await replay(member)
        await countDeadLetters(member)
      }),
      lookAfter('kafka', member, () => measureLag(member)),
    ])
    watchdogs.look({ lag: partitions.lag, deadLetters: deadLetters.kept })
    await sleep(settings.CONSUMER_UPKEEP_MS, undefined, { signal }).catch(() => {})
  }
}

/** Reports the part as it proves to be. */
async function lookAfter(part: 'database' | 'kafka', { readiness, logger }: GroupMember, work: () => Promise<void>) {
  try {
    await work()
    readiness.up(part)
  } catch (error) {
    const reason = reasonOf(error)
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

async function countDeadLetters({ db, group, deadLetters, settings }: GroupMember): Promise<void> {
  deadLetters.counted(await countDeadLettersOf(db, { group, atMost: settings.CONSUMER_MAX_DEAD_LETTERS }))
}

async function measureLag({ kafka, group, topics, partitions }: GroupMember): Promise<void> {
  for (const { topic, partition, logEnd } of await groupLag(kafka, { group, topics })) {
    partitions.note({ topic, partition }, { logEnd })
  }
}
