import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@outbox/local-stack/free-port'
import type { Guardian } from '@outbox/local-stack/guardian'
import { spawnGuarded } from '@outbox/local-stack/spawn-guarded'

const RULES = fileURLToPath(new URL('../prometheus/rules/*.yml', import.meta.url))
const START_MS = 30_000

/** A rule as Prometheus has read it. */
export type Rule = { type: 'recording' | 'alerting'; name: string; query: string; health: string; lastError?: string }

/** A Prometheus of a test's own. Leaving the scope ends it. */
export type PrometheusProcess = AsyncDisposable & {
  /** How many series the query has now, those left out that are no number. @throws with what Prometheus holds against it */
  count(query: string): Promise<number>
  rules(): Promise<Rule[]>
}

/**
 * Starts Prometheus with the project's rules, on targets by job instead of those that Compose's names lead to.
 * @param options.program as found
 */
export async function startPrometheus(options: {
  program: string
  folder: string
  guardian: Guardian
  targets: Readonly<Record<string, readonly string[]>>
}): Promise<PrometheusProcess> {
  const { program, folder, guardian, targets } = options
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: Object.entries(targets).map(([job_name, targets]) => ({ job_name, static_configs: [{ targets }] })),
  }
  await mkdir(folder, { recursive: true })
  // All JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const prometheus = await spawnGuarded({
    command: program,
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    logFile: join(folder, 'prometheus.log'),
    ending: { signal: 'SIGTERM', graceMs: 10_000 },
    guardian,
  })
  const deadline = Date.now() + START_MS
  while (!(await answers(`${url}/-/ready`))) {
    if (Date.now() > deadline) throw new Error(`Prometheus is not ready after ${START_MS / 1_000} s`)
    await sleep(50)
  }
  return {
    async count(query) {
      const { data, error } = await read(`${url}/api/v1/query?${new URLSearchParams({ query })}`)
      if (error !== undefined) throw new Error(`${query}: ${error}`)
      const { result } = data as { result: { value: [number, string] }[] }
      return result.filter(({ value: [, value] }) => value !== 'NaN').length
    },
    async rules() {
      const { data } = await read(`${url}/api/v1/rules`)
      return (data as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules)
    },
    async [Symbol.asyncDispose]() {
      await prometheus.end()
    },
  }
}

async function read(url: string): Promise<{ data?: unknown; error?: string }> {
  return (await (await fetch(url)).json()) as { data?: unknown; error?: string }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}
