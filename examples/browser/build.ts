/** Builds the page into `dist`, a folder that any static server can serve. */
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const here = import.meta.dirname

export const dist = join(here, "dist")

export const build = async (): Promise<void> => {
  const bundle = await rolldown({
    input: { main: join(here, "main.ts"), worker: fileURLToPath(import.meta.resolve("@noema/tensor/worker")) },
    platform: "browser",
    // Optional packages of Node are looked for at run time only.
    external: ["webgpu"],
    resolve: { conditionNames: ["@noema/source", "browser", "import", "default"] },
    logLevel: "silent"
  })
  try {
    await bundle.write({ dir: dist, format: "esm", entryFileNames: "[name].js", minify: true })
  } finally {
    await bundle.close()
  }
  copyFileSync(join(here, "index.html"), join(dist, "index.html"))
}
