import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The Vitest configuration of every package: real services, started once a run, and room to wait for a state. */
export function serviceTests(): ViteUserConfig {
  return defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      globalSetup: [import.meta.resolve('./test-services.ts').replace('file://', '')],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  })
}
