/** An effect as a row carries it: what its message brought. Checksums are unsigned, times in ms since 1970. */
export type PackedEffect = {
  sequence: number
  keySequence: number
  checksumSent: number
  checksumReceived: number
  sentAtMs: number
  /** null when the message didn't come from an outbox */
  appendedAtMs: number | null
  publishedAtMs: number
  /** Its message was sent again, or was a dead letter of its group: a second effect, or one after its turn. */
  replayed: boolean
  key: Uint8Array | null
}

/**
 * Packs effects one behind the other into as few pieces of at most `pieceBytes` as their order allows; only an effect
 * that is larger alone makes a larger piece. An effect is {@link fixedBytes} and its key:
 *
 *     sequence, key sequence, checksum sent, checksum received, bytes of the key   4 each; no key: −1
 *     sent at, appended at, published at                                           8 each, floating; no append: NaN
 *     replayed                                                                     1
 *     key
 *
 * All of them little-endian, which costs least where both ends run.
 */
export function packEffects(effects: readonly PackedEffect[], pieceBytes: number): Buffer[] {
  const room = Buffer.allocUnsafe(effects.reduce((bytes, { key }) => bytes + fixedBytes + (key?.length ?? 0), 0))
  const view = new DataView(room.buffer, room.byteOffset, room.length)
  const pieces: Buffer[] = []
  let start = 0
  let at = 0
  for (const effect of effects) {
    const end = at + fixedBytes + (effect.key?.length ?? 0)
    if (end - start > pieceBytes && at > start) {
      pieces.push(room.subarray(start, at))
      start = at
    }
    writeEffect(view, at, effect)
    if (effect.key !== null) room.set(effect.key, at + fixedBytes)
    at = end
  }
  if (at > start) pieces.push(room.subarray(start, at))
  return pieces
}

/**
 * Hands what {@link packEffects} has put into a piece to `onEffect`, in its order.
 * @param readKey makes what is wanted of a key, of which it is told where it stands: a view first costs as much as all the rest
 */
export function unpackEffects<Key>(
  piece: Buffer,
  readKey: (piece: Buffer, start: number, end: number) => Key,
  onEffect: (effect: Omit<PackedEffect, 'key'> & { key: Key | null }) => void,
): void {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length)
  for (let at = 0; at < piece.length; ) {
    const keyBytes = view.getInt32(at + 16, true)
    const end = at + fixedBytes + Math.max(keyBytes, 0)
    const appendedAtMs = view.getFloat64(at + 28, true)
    onEffect({
      sequence: view.getInt32(at, true),
      keySequence: view.getInt32(at + 4, true),
      checksumSent: view.getUint32(at + 8, true),
      checksumReceived: view.getUint32(at + 12, true),
      sentAtMs: view.getFloat64(at + 20, true),
      appendedAtMs: Number.isNaN(appendedAtMs) ? null : appendedAtMs,
      publishedAtMs: view.getFloat64(at + 36, true),
      replayed: view.getUint8(at + 44) === 1,
      key: keyBytes < 0 ? null : readKey(piece, at + fixedBytes, end),
    })
    at = end
  }
}

/** Bytes of an effect without its key. */
export const fixedBytes = 5 * 4 + 3 * 8 + 1

function writeEffect(view: DataView, at: number, effect: PackedEffect): void {
  view.setInt32(at, effect.sequence, true)
  view.setInt32(at + 4, effect.keySequence, true)
  view.setUint32(at + 8, effect.checksumSent, true)
  view.setUint32(at + 12, effect.checksumReceived, true)
  view.setInt32(at + 16, effect.key === null ? -1 : effect.key.length, true)
  view.setFloat64(at + 20, effect.sentAtMs, true)
  view.setFloat64(at + 28, effect.appendedAtMs ?? Number.NaN, true)
  view.setFloat64(at + 36, effect.publishedAtMs, true)
  view.setUint8(at + 44, effect.replayed ? 1 : 0)
}
