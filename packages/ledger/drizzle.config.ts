import { defineConfig } from 'drizzle-kit'

/** `npx drizzle-kit generate` writes the next migration from the difference between `src/schema.ts` and the last one. */
export default defineConfig({ dialect: 'postgresql', schema: './src/schema.ts', out: './migrations' })
