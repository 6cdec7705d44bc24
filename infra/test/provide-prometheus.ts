import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { findPrometheus, type PrometheusFound } from './find-prometheus.ts'

const CACHE = fileURLToPath(new URL('../../.outbox/prometheus', import.meta.url))

/** Vitest's global setup: looks for Prometheus's programs once for all tests. */
export default async function providePrometheus(project: TestProject): Promise<void> {
  const report = (line: string) => void process.stdout.write(`${line}\n`)
  const { PROMTOOL, PROMETHEUS } = process.env
  project.provide(
    'prometheus',
    await findPrometheus({ given: { promtool: PROMTOOL, prometheus: PROMETHEUS }, cache: CACHE, report }),
  )
}

declare module 'vitest' {
  interface ProvidedContext {
    prometheus: PrometheusFound
  }
}
