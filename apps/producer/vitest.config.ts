import { serviceTests } from '@outbox/local-stack/vitest-config'
import { mergeConfig } from 'vitest/config'

// A state is waited for as long as the machine needs that runs all the other tests as well.
export default mergeConfig(serviceTests(), { test: { expect: { poll: { timeout: 40_000 } } } })
