import { crc32 } from 'node:zlib'
import type { Handler, InboxMessage } from '@outbox/inbox/handler'
import { appendedAtMs } from '@outbox/outbox/message-id'
import { type LoadtestStamp, loadtestHeader, parseLoadtestHeader } from './loadtest-header.ts'
import type { PackedEffect } from './pack-effects.ts'
import { recordEffects } from './record-effects.ts'

/** A load test's message has an effect in the ledger. A message that is not a load test's has none. */
export const handle: Handler = async (tx, messages, context) => {
  for (const [run, effects] of byRun(messages)) await recordEffects(tx, { ...context, run }, effects)
}

/** The runs' effects, each in the order in which their messages came. */
function byRun(messages: readonly InboxMessage[]): Map<string, PackedEffect[]> {
  const runs = new Map<string, PackedEffect[]>()
  for (const message of messages) {
    const header = message.headers[loadtestHeader]
    const stamp = header === undefined ? undefined : parseLoadtestHeader(header)
    if (stamp === undefined) continue
    const ofRun = runs.get(stamp.run)
    if (ofRun === undefined) runs.set(stamp.run, [effectOf(message, stamp)])
    else ofRun.push(effectOf(message, stamp))
  }
  return runs
}

function effectOf({ key, value, timestamp, messageId, replayed }: InboxMessage, stamp: LoadtestStamp): PackedEffect {
  return {
    sequence: stamp.sequence,
    keySequence: stamp.keySequence,
    checksumSent: stamp.checksum,
    checksumReceived: crc32(value ?? ''),
    sentAtMs: stamp.sentAtMs,
    appendedAtMs: appendTimeMs(messageId),
    publishedAtMs: timestamp,
    replayed,
    key,
  }
}

/** A message from elsewhere may bring any id, or none. */
function appendTimeMs(messageId: string | undefined): number | null {
  if (messageId === undefined) return null
  const ms = appendedAtMs(messageId)
  return Number.isSafeInteger(ms) && ms < 1e14 ? ms : null
}
