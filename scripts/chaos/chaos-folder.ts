import { fileURLToPath } from 'node:url'

/** Where a chaos run keeps data and logs; the last run's stay there to be looked at. */
export const chaosFolder = fileURLToPath(import.meta.resolve('../../.outbox/chaos'))
