// Installs the packed packages into an empty project and runs a small program and the command there on the newest Node.
import { cpSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root, run, withPacked } from "./packed.mjs"

const newest = "26.10.0"

withPacked((tarballs, folder) => {
  const project = join(folder, "project")
  mkdirSync(project)
  const manifest = {
    name: "smoke",
    private: true,
    type: "module",
    allowScripts: { gl: false, node: true, webgpu: true }
  }
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest))
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `node@${newest}`, ...tarballs], {
    cwd: project,
    stdio: ["ignore", "ignore", "inherit"]
  })
  cpSync(join(root, "scripts", "smoke.mjs"), join(project, "smoke.mjs"))
  const installed = (name) => join(project, "node_modules", ".bin", name)
  run(installed("node"), ["smoke.mjs"], { cwd: project })
  run(installed("node"), [installed("noema"), "--version"], { cwd: project })
})
