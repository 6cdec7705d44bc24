import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/**
 * The Vitest configuration of every package: real services, started once a run, and room to wait for a state.
 * With OUTBOX_TEST_RESULTS a package's results are also written there, as `PACKAGE.json`.
 */
export function serviceTests(): ViteUserConfig {
  const results = process.env.OUTBOX_TEST_RESULTS
  const file = results && join(results, `${basename(process.cwd())}.json`)
  return defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      globalSetup: [fileURLToPath(new URL('./test-services.ts', import.meta.url))],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // A state is waited for as long as a machine needs that runs all the other tests as well.
      expect: { poll: { timeout: 40_000 } },
      // Turbo runs two packages at a time.
      maxWorkers: '50%',
      reporters: file ? ['default', ['json', { outputFile: file }]] : ['default'],
    },
  })
}
