import { defineConfig } from "vitest/config"

const resolve = { conditions: ["@noema/source"] }
const project = (name: string, include: Array<string>) => ({
  resolve,
  ssr: { resolve: { conditions: ["@noema/source", "node", "import", "module", "default"] } },
  test: { name, include, testTimeout: 60_000 }
})

export default defineConfig({
  test: {
    projects: [
      project("tensor", ["tests/tensor/**/*.test.ts"]),
      project("autodiff", ["tests/autodiff/**/*.test.ts"]),
      project("atp", ["tests/atp/**/*.test.ts"]),
      project("workspace", ["tests/workspace/**/*.test.ts"])
    ]
  }
})
