// Runs before `npm start`, `npm test` and `npm run bench`, on whatever Node the machine has: installs what is missing.
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const json = (file) => JSON.parse(readFileSync(`${root}${file}`, "utf8"))
const wanted = json("package-lock.json").packages

/**
 * npm writes `node_modules/.package-lock.json` when an install has ended well. It is compared with the lock file entry
 * by entry, so neither an interrupted install nor one of an older lock file is taken for done.
 */
const missing = () => {
  const record = "node_modules/.package-lock.json"
  if (!existsSync(`${root}${record}`)) return "nothing is installed"
  const present = json(record).packages
  for (const [path, entry] of Object.entries(wanted)) {
    const found = present[path]
    if (!path.startsWith("node_modules/") || (found === undefined && (entry.optional || entry.peer))) continue
    if (found?.version !== entry.version || found?.integrity !== entry.integrity || !existsSync(`${root}${path}`)) {
      return `${path} is not as the lock file says`
    }
  }
  const version = wanted["node_modules/node"].version
  try {
    const found = execFileSync(`${root}node_modules/.bin/node`, ["--version"], { encoding: "utf8" }).trim()
    return found === `v${version}` ? undefined : `node_modules/.bin/node is ${found}, not v${version}`
  } catch {
    return `node_modules/.bin/node (v${version}) does not start`
  }
}

const before = missing()
if (before !== undefined) {
  console.error(`Installing dependencies (npm ci), because ${before} ...`)
  try {
    execFileSync("npm", ["ci", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32"
    })
  } catch {
    console.error("The installation failed; npm says why above. Run `npm ci` to try again.")
    process.exit(1)
  }
  const after = missing()
  if (after !== undefined) {
    console.error(
      `The installation ended, but ${after}. The runtime comes from an install script of the package node: see that npm may run scripts (npm config get ignore-scripts).`
    )
    process.exit(1)
  }
}
