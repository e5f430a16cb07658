import { defineConfig } from "vite"

// Threads share memory, which browsers give a page only where it is isolated from other origins.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp"
}

export default defineConfig({ server: { headers }, preview: { headers }, worker: { format: "es" } })
