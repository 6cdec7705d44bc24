import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixedBytes, type PackedEffect, packEffects, unpackEffects } from '../src/pack-effects.ts'

const int = fc.nat(2 ** 31 - 1)
const checksum = fc.nat(2 ** 32 - 1)
const timeMs = fc.integer({ min: -1, max: 1e14 - 1 })
const effects: fc.Arbitrary<PackedEffect[]> = fc.array(
  fc.record({
    sequence: int,
    keySequence: int,
    checksumSent: checksum,
    checksumReceived: checksum,
    sentAtMs: timeMs,
    appendedAtMs: fc.option(timeMs),
    publishedAtMs: timeMs,
    replayed: fc.boolean(),
    key: fc.option(fc.uint8Array({ maxLength: 300 })),
  }),
)

function unpacked(pieces: readonly Buffer[]): PackedEffect[] {
  const all: PackedEffect[] = []
  for (const piece of pieces) unpackEffects(piece, copyOf, (effect) => all.push(effect))
  return all
}

function copyOf(piece: Buffer, start: number, end: number): Uint8Array {
  return Uint8Array.from(piece.subarray(start, end))
}

test('what is packed is unpacked again, in its order, into whatever pieces', () => {
  fc.assert(
    fc.property(effects, fc.integer({ min: 1, max: 5_000 }), (effects, pieceBytes) => {
      expect(unpacked(packEffects(effects, pieceBytes))).toEqual(effects)
    }),
  )
})

test('a piece is as large as it may be, and larger only for one effect alone', () => {
  fc.assert(
    fc.property(effects, fc.integer({ min: 1, max: 2_000 }), (effects, pieceBytes) => {
      const pieces = packEffects(effects, pieceBytes)
      for (const [index, piece] of pieces.entries()) {
        const [first] = unpacked(pieces.slice(index, index + 1))
        const firstBytes = fixedBytes + (first?.key?.length ?? 0)
        expect(piece.length).toBeLessThanOrEqual(Math.max(pieceBytes, firstBytes))
        const [next] = unpacked(pieces.slice(index + 1, index + 2))
        if (next) expect(piece.length + fixedBytes + (next.key?.length ?? 0)).toBeGreaterThan(pieceBytes)
      }
    }),
  )
})

test('no effects are no piece', () => expect(packEffects([], 8_000)).toEqual([]))
