import { formatUuid, uuidBytes } from './message-id.ts'
import { shardOfRow } from './shards.ts'

/** A message as it stands in the log. */
export type LoggedMessage = {
  /** The tick whose batch it belongs to. */
  n: bigint
  id: bigint
  shard: number
  messageId: string
  topic: string
  key: string | null
  payload: Buffer | null
  headers: Record<string, string> | null
}

/** What {@link decodeMessage} reads, in its order. */
export const messageColumns = `id, ${shardOfRow} as shard, message_id, topic, key, payload, headers`

/** A row of {@link messageColumns} in binary: the number of columns, then each one's length (−1: null) and bytes. `n` is its tick. */
export function decodeMessage(row: Buffer, n: bigint): LoggedMessage {
  const id = row.readBigInt64BE(6)
  const shard = row.readInt32BE(18)
  const messageId = formatUuid(row, 26)
  const topicAt = 26 + uuidBytes + lengthBytes
  const topicEnd = endOf(row, topicAt)
  const keyAt = topicEnd + lengthBytes
  const keyEnd = endOf(row, keyAt)
  const payloadAt = keyEnd + lengthBytes
  const payloadEnd = endOf(row, payloadAt)
  const headersAt = payloadEnd + lengthBytes
  return {
    n,
    id,
    shard,
    messageId,
    topic: row.toString('utf8', topicAt, topicEnd),
    key: isNull(row, keyAt) ? null : row.toString('utf8', keyAt, keyEnd),
    payload: isNull(row, payloadAt) ? null : row.subarray(payloadAt, payloadEnd),
    headers: isNull(row, headersAt) ? null : JSON.parse(row.toString('utf8', headersAt, endOf(row, headersAt))),
  }
}

const lengthBytes = 4

function isNull(row: Buffer, at: number): boolean {
  return row.readInt32BE(at - lengthBytes) === -1
}

function endOf(row: Buffer, at: number): number {
  return at + Math.max(0, row.readInt32BE(at - lengthBytes))
}
