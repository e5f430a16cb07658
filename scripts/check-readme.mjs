// Clones the repository and runs every command of README.md there, as it is written and in its order: what stands in fences of
// sh, and what begins with `npm run`, `npm start` or `node` in the text. A command that serves is stopped once it has begun.
import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const readme = readFileSync(join(root, "README.md"), "utf8")

const fences = [...readme.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, lines]) => lines.split("\n"))
const spans = [...readme.replaceAll(/^```[^]*?^```/gm, "").matchAll(/`((?:npm (?:run|start)|node )[^`]*)`/g)]
const commands = [...new Set([...fences, ...spans.map(([, command]) => command)].map((line) => line.trim()))].filter(
  (line) => line !== "" && !line.startsWith("#")
)
if (commands.length < 4) throw new Error(`expected at least four commands in README.md, found ${commands.length}`)

/** Commands that go on until somebody stops them, and what they say once they are there. */
const serving = [
  [/^npm run playground\b/, /https?:\/\//],
  [/ learn$/, /exercise\.ts/]
]

/** The path of somebody who has just cloned: no command of another tree is on it. */
const path = process.env.PATH.split(":")
  .filter((each) => !each.includes("node_modules"))
  .join(":")

const runOne = (command, cwd) =>
  new Promise((resolve, reject) => {
    const begun = performance.now()
    const ready = serving.find(([which]) => which.test(command))?.[1]
    const child = spawn("bash", ["-c", command], {
      cwd,
      env: { ...process.env, PATH: path },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"]
    })
    let said = ""
    let stopped = false
    const hear = (chunk) => {
      said += chunk
      if (ready === undefined || stopped || !ready.test(said)) return
      stopped = true
      process.kill(-child.pid)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.on("close", (code) => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(0)
      console.log(`${seconds.padStart(5)} s  ${command}`)
      if (code === 0 || stopped) return resolve()
      reject(new Error(`README.md: ${command}\nended with ${code}; its last words:\n${said.slice(-2000)}`))
    })
  })

const folder = mkdtempSync(join(tmpdir(), "noema-readme-"))
try {
  execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${root}`, join(folder, "noema")])
  for (const command of commands) await runOne(command, join(folder, "noema"))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
