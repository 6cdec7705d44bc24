import { expect, test } from 'vitest'
import { addressesOf } from '../src/addresses-of.ts'

const several = async () => [
  { address: '172.20.0.3', family: 4 },
  { address: 'fd00::3', family: 6 },
]

test('a host name with several addresses is several apps', async () => {
  expect(await addressesOf('http://relay:3000', several)).toEqual(['http://172.20.0.3:3000', 'http://[fd00::3]:3000'])
  expect(await addressesOf('http://relay', several)).toEqual(['http://172.20.0.3', 'http://[fd00::3]'])
})

test.for(['http://127.0.0.1:5501', 'http://[::1]:5501', 'https://relay:3000'])('%s stays itself', async (url) => {
  expect(await addressesOf(url, several)).toEqual([url])
})

test('so does a name with one address, or with none that is known', async () => {
  const [one] = await several()
  expect(await addressesOf('http://relay:3000', async () => (one ? [one] : []))).toEqual(['http://relay:3000'])
  const unknown = () => Promise.reject(new Error('ENOTFOUND'))
  expect(await addressesOf('http://relay:3000', unknown)).toEqual(['http://relay:3000'])
})
