import type { Tracing } from './open-telemetry.ts'
import type { Environment } from './read-settings.ts'

/** Whose traces these are: the app's name, such as `relay`, and that of the instance. */
export type TracedService = { name: string; instance: string }

/**
 * Starts OpenTelemetry where its own variables ask for traces; else nothing of its SDK is even loaded.
 * @param env decides whether; the SDK itself reads the rest of OTEL_* from the process's environment
 */
export async function startTracing(service: TracedService, env: Environment): Promise<Tracing | undefined> {
  if (!wantsTraces(env)) return undefined
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry(service)
}

/**
 * Whether somebody has said where traces go. By the specification an SDK that was told nothing sends them to this machine; an
 * app that nobody told anything makes none.
 */
export function wantsTraces(env: Environment): boolean {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false
  const exporter = env.OTEL_TRACES_EXPORTER?.trim()
  if (exporter) return exporter !== 'none'
  return [env.OTEL_EXPORTER_OTLP_ENDPOINT, env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT].some((endpoint) => endpoint?.trim())
}
