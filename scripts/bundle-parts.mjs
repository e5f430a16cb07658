// What the published @noema/tensor has as one piece, made from the output of the compiler and put beside it:
// the script of its worker threads as text, so that bundlers cannot lose it, and gpu.js, whose package depends on 88 MB that
// nothing here needs. Run after `tsc -b`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const dist = fileURLToPath(new URL("../packages/tensor/dist/", import.meta.url))
const require = createRequire(import.meta.url)

/** The text of one module and all it imports. */
const bundled = async (input, output, options) => {
  const bundle = await rolldown({ input, logLevel: "warn", ...options })
  try {
    const made = await bundle.generate({ minify: true, ...output })
    const [chunk, ...more] = made.output
    if (more.length > 0) throw new Error(`${input} is more than one file`)
    return { code: chunk.code, modules: chunk.moduleIds }
  } finally {
    await bundle.close()
  }
}

const worker = join(dist, "device/wasm/worker.js")
const { code } = await bundled(worker, { format: "iife" }, { platform: "neutral" })
const text = join(dist, "device/wasm/worker-text.js")
if (!existsSync(text)) throw new Error(`there is no ${text}`)
writeFileSync(text, `export const workerText = ${JSON.stringify(code)};\n`)

/** The folder of the package that a module belongs to. */
const packageOf = (module) => {
  let folder = dirname(module)
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder)
  return folder
}

const library = join(dist, "device/gpujs/library")
mkdirSync(library, { recursive: true })
const licences = new Map()
const shipped = {
  node: { input: require.resolve("gpu.js"), external: ["gl", "os", "worker_threads"] },
  browser: { input: join(packageOf(require.resolve("gpu.js")), "dist/gpu-browser.js"), external: [] }
}
for (const [platform, { input, external }] of Object.entries(shipped)) {
  const { code, modules } = await bundled(input, { format: "esm" }, { platform, external })
  writeFileSync(join(library, `${platform}.js`), code)
  // gpu-browser.js has the same parts inside.
  for (const folder of modules.filter((module) => module.startsWith("/") || /^[A-Z]:/.test(module)).map(packageOf)) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    const file = ["LICENSE", "LICENSE.md", "license"].map((name) => join(folder, name)).find(existsSync)
    licences.set(name, `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(file, "utf8")}`)
  }
}
writeFileSync(join(library, "LICENSES.txt"), [...licences.values()].join("\n----\n\n"))
