import autocannon from 'autocannon'
import { say, takeOrder } from './own-program.ts'

export type CannonOrder = { url: string; body: string; connections: number; seconds: number; warmUpSeconds: number }

/** Latencies in whole ms. */
export type CannonResult = { requestsPerSecond: number; p50: number; p99: number; cpuMicros: number }

/** What autocannon makes of the same requests. */
const { url, body, connections, seconds, warmUpSeconds } = takeOrder<CannonOrder>()
const request = {
  url: `${url}/messages`,
  method: 'POST' as const,
  headers: { 'content-type': 'application/json', prefer: 'return=minimal', 'idempotency-key': 'bench/1000000' },
  body,
  connections,
}
await autocannon({ ...request, duration: warmUpSeconds })
const cpuBefore = process.cpuUsage()
const { requests, latency, duration, non2xx, errors } = await autocannon({ ...request, duration: seconds })
const { user, system } = process.cpuUsage(cpuBefore)
if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests were not accepted`)
const result: CannonResult = {
  requestsPerSecond: requests.total / duration,
  p50: latency.p50,
  p99: latency.p99,
  cpuMicros: (user + system) / requests.total,
}
await say(result)
process.exit(0)
