import { skipBecause } from '@outbox/local-stack/skip-because'
import { inject, type TestContext } from 'vitest'
import './provide-prometheus.ts'

/** Prometheus's programs; where they can't be had the test is skipped, and says why. */
export function needPrometheus(context: TestContext): { promtool: string; prometheus: string } {
  const found = inject('prometheus')
  return 'missing' in found ? skipBecause(context, found.missing) : found
}
