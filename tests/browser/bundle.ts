/** The page's script: a module and everything it imports as one module for the browser. */
import * as path from "node:path"
import { rolldown } from "rolldown"

/** @param instead files to take where an import ends with the key */
export const bundle = async (entry: string, instead: Readonly<Record<string, string>> = {}): Promise<string> => {
  const build = await rolldown({
    input: path.resolve(import.meta.dirname, entry),
    platform: "browser",
    // Optional packages of Node are looked for at run time only.
    external: ["webgpu"],
    resolve: { conditionNames: ["@noema/source", "browser", "import", "default"] },
    plugins: [
      {
        name: "instead",
        resolveId: (source) => Object.entries(instead).find(([end]) => source.endsWith(end))?.[1] ?? null
      }
    ],
    logLevel: "silent"
  })
  try {
    const { output } = await build.generate({ format: "esm", codeSplitting: false })
    return output[0].code
  } finally {
    await build.close()
  }
}
