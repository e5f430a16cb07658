// Runs before `npm start` and `npm test`, on whatever Node the machine has: installs what is missing, once.
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createHash } from "node:crypto"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const lock = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex")
const stamp = `${root}node_modules/.noema-installed`
const installed = existsSync(stamp) && readFileSync(stamp, "utf8") === lock
if (!installed) {
  console.error("Installing dependencies (npm ci) ...")
  execFileSync("npm", ["ci"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32"
  })
  writeFileSync(stamp, lock)
}
