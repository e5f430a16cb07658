import { defineConfig } from "vitest/config"

/** These take a while, and are a part of `npm run check:course` and not of `npm test`. */
export default defineConfig({
  test: { include: ["tests/course/**/*.test.ts"], execArgv: ["--conditions=@noema/source"], maxWorkers: 1 }
})
