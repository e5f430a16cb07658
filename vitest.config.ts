import { defineConfig } from "vitest/config"

/** Packages resolve to their sources, so tests need no build. */
const conditions = ["@noema/source"]

/** Whose files share a process: they leave nothing behind in it, and the packages are loaded once. */
const sharing = ["tensor", "autodiff"]

const project = (name: string) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions: [...conditions, "node", "import", "module", "default"] } },
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: 60_000,
    isolate: !sharing.includes(name)
  }
})

export default defineConfig({
  test: { projects: ["tensor", "autodiff", "atp", "examples", "bench", "study", "fuzz", "workspace"].map(project) }
})
