import { serviceTests } from '@outbox/local-stack/vitest-config'
import { mergeConfig } from 'vitest/config'

export default mergeConfig(serviceTests(), { test: { globalSetup: ['./test/provide-prometheus.ts'] } })
