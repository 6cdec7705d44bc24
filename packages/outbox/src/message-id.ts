import { randomFillSync } from 'node:crypto'

/** Bytes of a uuid. */
export const uuidBytes = 16

/**
 * `count` uuids of version 7, back to back: 48 bits of milliseconds since 1970, then 74 random bits.
 * @param nowMs the time of the append
 * @see RFC 9562, 5.7
 */
export function makeMessageIds(count: number, nowMs: number): Buffer {
  const ids = randomFillSync(Buffer.allocUnsafe(count * uuidBytes))
  for (let at = 0; at < ids.length; at += uuidBytes) {
    ids.writeUIntBE(nowMs, at, 6)
    ids.writeUInt8(0x70 | (ids.readUInt8(at + 6) & 0x0f), at + 6)
    ids.writeUInt8(0x80 | (ids.readUInt8(at + 8) & 0x3f), at + 8)
  }
  return ids
}

/** The text form of the uuid at `at`. */
export function formatUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + uuidBytes)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** When a message was appended, in milliseconds since 1970: the first 48 bits of its id. */
export function appendedAtMs(messageId: string): number {
  return Number.parseInt(messageId.slice(0, 8) + messageId.slice(9, 13), 16)
}

/** Whether it is of version 7, so that {@link appendedAtMs} holds. */
export function tellsItsTime(messageId: string): boolean {
  return messageId[14] === '7'
}
