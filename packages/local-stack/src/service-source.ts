import type { Harmable } from './harmable.ts'

/** A service that is ready; leaving the scope stops it, unless it was given. */
export type Service = AsyncDisposable & {
  /** The database's URL, or Kafka's brokers. */
  address: string
  /** What it is and where, in a line. */
  told: string
  /** Where it is a process of this machine's. */
  harmable?: Harmable
}

/** A way of coming by the two services. */
export type ServiceSource = { postgres(): Promise<Service>; kafka(): Promise<Service> }
