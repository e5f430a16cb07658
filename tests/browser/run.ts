/**
 * `npm run test:browser`: the device matrix on gpu.js's graphics modes, on software adapters: WebGPU in Node (Dawn over the
 * SwiftShader driver of Debian's chromium package), headlessgl where the package gl is built and there is a display or
 * Xvfb, and WebGPU and WebGL2 in headless Chromium. A mode with nothing to run on is skipped, and what to install is said;
 * anything that runs and fails fails the command. With CI set, a mode that Debian's packages are enough for may not be
 * skipped: `.ci/run` installs them.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { bundle } from "./bundle.ts"
import { findChromium, visit } from "./chromium.ts"
import { driver } from "./driver.ts"
import type { Outcome } from "./suite.ts"

const timeoutMs = 300_000

const skipped = (mode: Outcome["mode"], on: string): Outcome => ({ mode, on, ran: false, passed: 0, failures: [] })

const failed = (mode: Outcome["mode"], reason: string): Outcome => ({
  mode,
  on: reason,
  ran: true,
  passed: 0,
  failures: [reason]
})

/** Runs `command` with the mode's suite in a process of its own, whose last line is the outcome. */
const inProcess = (mode: Outcome["mode"], wrapper: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Outcome => {
  const suite = ["--conditions=@noema/source", path.resolve(import.meta.dirname, "node.ts"), mode]
  const [command, ...args] = [...wrapper, process.execPath, ...suite]
  const { status, stderr, stdout } = spawnSync(command!, args, { encoding: "utf8", timeout: timeoutMs, env })
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1)!) as Outcome
  return failed(mode, `exit status ${status}: ${(stderr ?? "").slice(-2000)}`)
}

/** What is missing for Vulkan without a graphics card, or null. */
const missing = (): string | null => {
  if (!fs.existsSync(driver)) return `${driver} is missing: apt-get install chromium`
  const { stdout } = spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" })
  return (stdout ?? "").includes("libvulkan.so.1") ? null : "libvulkan.so.1 is missing: apt-get install libvulkan1"
}

const webgpuInNode = (): Outcome => {
  const reason = missing()
  return reason === null
    ? inProcess("webgpu", [], { ...process.env, VK_ICD_FILENAMES: driver })
    : skipped("webgpu", reason)
}

/** An X server without a screen for the gl package, where there is one and no display. */
const display = (): ReadonlyArray<string> =>
  process.env["DISPLAY"] === undefined && spawnSync("xvfb-run", ["--help"]).status === 0 ? ["xvfb-run", "-a"] : []

const inChromium = async (mode: Outcome["mode"], script: () => Promise<string>): Promise<Outcome> => {
  const executable = findChromium()
  if (executable === null)
    return skipped(mode, "there is no Chromium here: apt-get install chromium, or set NOEMA_CHROMIUM")
  const outcome = (await visit(executable, await script(), `mode=${mode}`, timeoutMs)) as Outcome | null
  return outcome ?? failed(mode, `the page did not answer within ${timeoutMs / 1000} s`)
}

const show = (where: string, { failures, mode, on, passed, ran }: Outcome): void => {
  const head = `${mode} in ${where}`
  if (!ran) return console.log(`- ${head}: skipped: ${on}`)
  console.log(`${failures.length === 0 ? "+" : "x"} ${head}: ${passed} cases passed, ${failures.length} failed (${on})`)
  for (const failure of failures) console.log(`\n${failure}\n`)
}

let script: Promise<string> | undefined
const page = (): Promise<string> => (script ??= bundle("page.ts"))
const outcomes: ReadonlyArray<readonly [string, () => Promise<Outcome>]> = [
  ["Node", async () => webgpuInNode()],
  ["Node", async () => inProcess("headlessgl", display(), process.env)],
  ["Chromium", () => inChromium("webgpu", page)],
  ["Chromium", () => inChromium("webgl2", page)]
]
let wrong = 0
for (const [where, run] of outcomes) {
  const outcome = await run()
  show(where, outcome)
  const needed = Boolean(process.env["CI"]) && outcome.mode !== "headlessgl"
  wrong += outcome.failures.length + (needed && !outcome.ran ? 1 : 0)
}
process.exitCode = wrong === 0 ? 0 : 1
