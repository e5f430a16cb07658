import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** Packages resolve to their sources, so tests need no build. */
const conditions = ["@noema/source"]

/** The command sets flags of the engine and speaks in place of its process, so its tests have one each. */
const command = "tests/atp/cli/**/*.test.ts"

interface Project {
  readonly include?: string
  readonly exclude?: ReadonlyArray<string>
  /** Whether its files share processes: they leave nothing behind in them, and the packages are loaded once for each. */
  readonly shares?: boolean
}

const project = (
  name: string,
  { exclude = [], include = `tests/${name}/**/*.test.ts`, shares = false }: Project = {}
) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions: [...conditions, "node", "import", "module", "default"] } },
  test: {
    name,
    include: [include],
    exclude: [...exclude],
    testTimeout: 60_000,
    isolate: !shares,
    setupFiles: shares ? ["tests/shared.ts"] : []
  }
})

export default defineConfig({
  test: {
    // One for each core: there is nothing else to wait for, and by default one core of two is left idle.
    maxWorkers: availableParallelism(),
    projects: [
      project("tensor", { shares: true }),
      project("autodiff", { shares: true }),
      project("atp", { shares: true, exclude: [command] }),
      project("command", { include: command }),
      ...["bench", "study", "fuzz", "workspace"].map((name) => project(name))
    ]
  }
})
