/** Bundles the contest into `.cache/gpu-card/` as three scripts that need nothing but Node and the webgpu package. */
import { cpSync, mkdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"
import { installPeers } from "../harness/peers.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const out = `${root}.cache/gpu-card`

const scripts = {
  "on-card": `${root}bench/gpu/on-card.ts`,
  ours: `${root}bench/gpu/ours.ts`,
  jaxjs: `${root}bench/peers/jaxjs.mjs`
}

const problem = installPeers()
if (problem !== undefined) throw new Error(problem)

mkdirSync(`${out}/node_modules/webgpu/dist/linux-x64`, { recursive: true })
for (const [name, input] of Object.entries(scripts)) {
  const build = await rolldown({
    input,
    platform: "node",
    external: ["webgpu", "gl", "gpu.js/node"],
    resolve: { conditionNames: ["@noema/source", "node", "import", "default"] },
    logLevel: "silent"
  })
  await build.write({ file: `${out}/${name}.mjs`, format: "esm", codeSplitting: false })
  await build.close()
}
for (const file of ["package.json", "index.js"])
  cpSync(`${root}node_modules/webgpu/${file}`, `${out}/node_modules/webgpu/${file}`)
for (const file of ["torch_peer.py", "serve.py", "atp.py"]) cpSync(`${root}bench/peers/${file}`, `${out}/${file}`)
console.log(out)
