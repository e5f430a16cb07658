/** The page's script: the suite and everything it imports as one module for the browser. */
import * as path from "node:path"
import { rolldown } from "rolldown"

export const bundle = async (entry: string): Promise<string> => {
  const build = await rolldown({
    input: path.resolve(import.meta.dirname, entry),
    platform: "browser",
    // Optional packages of Node are looked for at run time only.
    external: ["webgpu"],
    resolve: { conditionNames: ["@noema/source", "browser", "import", "default"] },
    logLevel: "silent"
  })
  try {
    const { output } = await build.generate({ format: "esm", codeSplitting: false })
    return output[0].code
  } finally {
    await build.close()
  }
}
