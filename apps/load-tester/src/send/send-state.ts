import type { Circuit } from './producer-circuits.ts'

/** How the sending goes, as it changes. What has become known of batches stands in the run's totals. */
export type SendState = {
  /** Requests that wait for their answer. */
  inFlight: number
  /** Requests that were sent again. */
  repeated: number
  /** The producers that are sent to, those that joined included. */
  circuits: () => { name: string; circuit: Circuit }[]
}

/** Before anything is sent. */
export function createSendState(): SendState {
  return { inFlight: 0, repeated: 0, circuits: () => [] }
}
