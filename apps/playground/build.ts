/** `npm run build:playground`: the page as a folder that any static server can serve. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"
import { folderNames } from "./src/engine/protocol.ts"

const here = import.meta.dirname

/** Where the page is built to. */
export const dist = join(here, "dist")

/** Text that ends no script element. */
const inScript = (text: string): string => text.replaceAll("<", "\\u003c")

/** Headers that isolate the page, as Netlify and Cloudflare Pages read them. */
const headers = `/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
`

/** Builds the page. */
export const build = async (): Promise<void> => {
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist, { recursive: true })
  const inputs = {
    app: join(here, "src/app.tsx"),
    engine: join(here, "src/engine/worker.ts"),
    threads: fileURLToPath(import.meta.resolve("@noema/tensor/worker"))
  }
  for (const [name, input] of Object.entries(inputs)) {
    const bundle = await rolldown({
      input,
      platform: "browser",
      // Optional packages of Node are looked for at run time only.
      external: ["webgpu"],
      transform: { jsx: { runtime: "automatic", importSource: "preact" } },
      resolve: { conditionNames: ["@noema/source", "browser", "import", "default"] },
      logLevel: "silent"
    })
    try {
      await bundle.write({
        dir: dist,
        format: "esm",
        entryFileNames: `${name}.js`,
        chunkFileNames: `${name}-[name].js`,
        minify: true
      })
    } finally {
      await bundle.close()
    }
  }
  const first = readFileSync(join(here, "models/first.json"), "utf8")
  const html = readFileSync(join(here, "index.html"), "utf8")
  writeFileSync(
    join(dist, "index.html"),
    html.replace(`id="first"></script>`, () => `id="first">${inScript(JSON.stringify(JSON.parse(first)))}</script>`)
  )
  copyFileSync(join(here, "style.css"), join(dist, "style.css"))
  for (const name of folderNames) cpSync(join(here, "models", name), join(dist, "models", name), { recursive: true })
  writeFileSync(join(dist, "_headers"), headers)
}

if (import.meta.main) {
  await build()
  console.log(`${dist} can be served by any static host`)
}
