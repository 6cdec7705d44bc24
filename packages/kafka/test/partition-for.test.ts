import { expect, test } from 'vitest'
import { murmur2, partitionFor } from '../src/partition-for.ts'

/** From org.apache.kafka.common.utils.Utils of Kafka 4.3.1: key, murmur2, partition of 6, partition of 13. */
const java: [string | Buffer, number, number, number][] = [
  ['', 275646681, 3, 11],
  ['a', -1563381124, 4, 5],
  ['1', -1993445489, 3, 2],
  ['21', -973932308, 0, 0],
  ['foobar', -790332482, 0, 7],
  ['a-little-bit-long-string', -985981536, 2, 4],
  ['a-little-bit-longer-string', -1486304829, 5, 2],
  ['customer-17', 1584006640, 4, 8],
  ['key-000001', -1661867451, 5, 1],
  ['Grüße', 1190824359, 3, 10],
  ['日本語', 1431860170, 4, 0],
  ['😀', 131881617, 3, 10],
  ['0123456789abcdef', 1438427052, 0, 10],
  [Buffer.from([0xff, 0x80, 0x00, 0x01, 0xfe]), -173560464, 2, 12],
]

test.each(java)('%j goes to the partition that Java gives it', (key, hash, ofSix, ofThirteen) => {
  expect(murmur2(Buffer.from(key))).toBe(hash)
  expect(partitionFor(key, 6)).toBe(ofSix)
  expect(partitionFor(key, 13)).toBe(ofThirteen)
})

test('bytes that are no Buffer hash alike', () => {
  expect(partitionFor(new TextEncoder().encode('customer-17'), 6)).toBe(4)
})
