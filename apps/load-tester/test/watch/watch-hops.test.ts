import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { watchHops } from '../../src/watch/hops/watch-hops.ts'

test('what the apps have measured between two looks is told in ms; who does not answer is left out', async () => {
  let count = 1_000
  await using relay = await metrics(() => {
    const text = `# the lag\noutbox_relay_lag_seconds_bucket{le="0.1"} ${count}\noutbox_relay_lag_seconds_bucket{le="+Inf"} ${count}\n`
    count += 100
    return text
  })
  await using broken = await metrics(() => undefined)
  const hops = watchHops({ relays: [relay.url, 'http://127.0.0.1:1'], consumers: [broken.url] }, 5)
  await expect.poll(() => hops.latest()).toEqual({ publish: { p50: 50, p99: 99 } })
  await hops.end()
  const asked = count
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(count).toBe(asked)
})

test('while nothing is published there is nothing to tell', async () => {
  let looks = 0
  await using relay = await metrics(() => {
    looks += 1
    return `#\noutbox_relay_lag_seconds_bucket{le="+Inf"} 7\n`
  })
  const hops = watchHops({ relays: [relay.url], consumers: [] }, 5)
  await expect.poll(() => looks).toBeGreaterThan(3)
  expect(hops.latest()).toEqual({})
  await hops.end()
})

/** An app's metrics; undefined is answered 500. */
async function metrics(text: () => string | undefined) {
  const server = createServer((_, response) => {
    const answer = text()
    response.writeHead(answer === undefined ? 500 : 200).end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
