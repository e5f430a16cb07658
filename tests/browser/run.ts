/**
 * `npm run test:browser`: the device matrix on gpu.js's graphics modes, on software adapters: WebGPU in Node (Dawn over the
 * SwiftShader driver of Debian's chromium package) and WebGPU and WebGL2 in headless Chromium. Without Chromium there is
 * nothing to run on, and that is said; anything that runs and fails fails the command.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { bundle } from "./bundle.ts"
import { findChromium, visit } from "./chromium.ts"
import type { Outcome } from "./suite.ts"

/** A Vulkan driver that needs no graphics card. */
const driver = "/usr/lib/chromium/vk_swiftshader_icd.json"

const timeoutMs = 300_000

const skipped = (mode: Outcome["mode"], on: string): Outcome => ({ mode, on, ran: false, passed: 0, failures: [] })

const failed = (mode: Outcome["mode"], reason: string): Outcome => ({
  mode,
  on: reason,
  ran: true,
  passed: 0,
  failures: [reason]
})

const inNode = (mode: Outcome["mode"]): Outcome => {
  if (!fs.existsSync(driver)) return skipped(mode, `${driver} is missing: install Debian's chromium package`)
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ["--conditions=@noema/source", path.resolve(import.meta.dirname, "node.ts"), mode],
    { encoding: "utf8", timeout: timeoutMs, env: { ...process.env, VK_ICD_FILENAMES: driver } }
  )
  const last = stdout.trim().split("\n").at(-1)!
  return status === 0 ? (JSON.parse(last) as Outcome) : failed(mode, `exit status ${status}: ${stderr.slice(-2000)}`)
}

const inChromium = async (mode: Outcome["mode"], script: () => Promise<string>): Promise<Outcome> => {
  const executable = findChromium()
  if (executable === null)
    return skipped(mode, "there is no Chromium here (set NOEMA_CHROMIUM, or apt install chromium)")
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
  ["Node", async () => inNode("webgpu")],
  ["Chromium", () => inChromium("webgpu", page)],
  ["Chromium", () => inChromium("webgl2", page)]
]
let wrong = 0
for (const [where, run] of outcomes) {
  const outcome = await run()
  show(where, outcome)
  wrong += outcome.failures.length
}
process.exitCode = wrong === 0 ? 0 : 1
