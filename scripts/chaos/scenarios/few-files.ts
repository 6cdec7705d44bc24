import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Scenario } from '../scenario.ts'
import { consumers, producers, relays } from '../system-shape.ts'

const run = promisify(execFile)
const FILES = 64
const CLIENTS = 100
const LASTS_MS = 15_000
const ANSWER_MS = 5_000

export const fewFiles: Scenario = {
  name: 'few-files',
  numbers: [23],
  does: `each app may open ${FILES} files, and ${CLIENTS} clients come: it fails visibly or works slowly, and loses nothing`,
  lacks: () =>
    run('prlimit', ['--version']).then(
      () => undefined,
      () => 'prlimit (of util-linux)',
    ),
  async inflict({ app, producers: urls, sleep }) {
    const pids = [...producers, ...relays, ...consumers].map((name) => app(name).pid)
    for (const pid of pids) await run('prlimit', ['--pid', String(pid), `--nofile=${FILES}:`])
    try {
      await Promise.all(urls.flatMap((url) => Array.from({ length: CLIENTS }, (_, client) => post(url, client))))
      await sleep(LASTS_MS)
    } finally {
      // One that has ended meanwhile was started again without the limit.
      for (const pid of pids) await run('prlimit', ['--pid', String(pid), '--nofile=1024:']).catch(() => {})
    }
  },
}

/** Answered or not: what was answered 202 is audited, as it's in the outbox. */
async function post(url: string, client: number): Promise<void> {
  await fetch(`${url}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ key: `client-${client}`, payload: 'one of many' }] }),
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => {})
}
