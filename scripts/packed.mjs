// The published packages as npm would ship them: built, packed into a temporary folder.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))

/** Lowest first: each depends only on those before it. */
export const packages = ["tensor", "autodiff", "atp", "course"]

export const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: root, stdio: "inherit", ...options })

/** Builds and packs; hands the tarballs to `use`, and removes them afterwards. */
export const withPacked = async (use) => {
  for (const name of packages) rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true })
  run(process.execPath, [
    "node_modules/typescript/bin/tsc",
    "-b",
    ...[...packages, "create-noema"].map((name) => `packages/${name}`)
  ])
  run(process.execPath, ["scripts/bundle-parts.mjs"])
  const folder = mkdtempSync(join(tmpdir(), "noema-packed-"))
  try {
    const tarballs = packages.map((name) => {
      const args = ["pack", "--json", "--pack-destination", folder]
      const cwd = join(root, "packages", name)
      run("npm", args, { cwd, stdio: ["ignore", "ignore", "inherit"] })
      const { name: scoped, version } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"))
      return join(folder, `${scoped.replace("@", "").replace("/", "-")}-${version}.tgz`)
    })
    return await use(tarballs, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
