import { defineConfig } from "vitest/config"

/** Packages resolve to their sources, in tests and in the processes that these start. */
const conditions = ["@noema/source"]

/** These take a while, and are a part of `npm run check:course` and not of `npm test`. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions: [...conditions, "node", "import", "module", "default"] } },
  test: { include: ["tests/course/**/*.test.ts"], execArgv: ["--conditions=@noema/source"], maxWorkers: 1 }
})
