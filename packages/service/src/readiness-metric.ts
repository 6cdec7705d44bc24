import { Gauge, type Registry } from 'prom-client'
import type { Readiness } from './readiness.ts'

/** Registers what `/health/ready` says as a metric, asked at each scrape. */
export function registerReadiness(registry: Registry, readiness: Readiness): void {
  new Gauge({
    name: 'outbox_app_part_up',
    help: '1 where a part of the app does its work, 0 where it is down; /health/ready says why.',
    labelNames: ['part'],
    registers: [registry],
    collect() {
      for (const [part, state] of Object.entries(readiness.report().parts)) this.set({ part }, state.up ? 1 : 0)
    },
  })
}
