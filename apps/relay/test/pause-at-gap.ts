import { registerHooks } from 'node:module'

// Loaded before the relay (node --import): gives it a publisher that stands still at the gap that PAUSE_AT names, for a
// test to kill it there. The relay itself knows nothing of it.
registerHooks({
  resolve(specifier, context, nextResolve) {
    const isRelays = context.parentURL?.endsWith('/relay/src/relay-service.ts')
    if (!isRelays || specifier !== '@outbox/kafka/publisher') return nextResolve(specifier, context)
    return nextResolve(new URL('./pausing-publisher.ts', import.meta.url).href, context)
  },
})
