/**
 * A contender in a page of headless Chromium, as a measured process: `chromium.ts ours` or `chromium.ts jaxjs webgl`.
 * Requests go to the page as answers to what it posts. With `BENCH_HARDWARE=1` the browser uses the graphics card.
 */
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { bundle } from "../../tests/browser/bundle.ts"
import { findChromium, openPage } from "../../tests/browser/chromium.ts"
import { mark, type Reply } from "../harness/protocol.ts"

const scripts: Readonly<Record<string, string>> = {
  ours: "./ours.ts",
  jaxjs: "../peers/jaxjs.mjs",
  gpujs: "../peers/gpujs.mjs"
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const give = (reply: Reply): void => void process.stdout.write(`${mark}${JSON.stringify(reply)}\n`)

const [name, ...args] = process.argv.slice(2)
const executable = findChromium()
if (executable === null) {
  give({ is: "refused", reason: "there is no Chromium here" })
  process.exit(1)
}

/** What the scripts use of Node's `process`. */
const shim = (): string => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => key.startsWith("BENCH_")))
  return `globalThis.process = Object.assign(${JSON.stringify({ env, argv: ["", "", ...args] })}, { cpuUsage: () => ({ user: 0, system: 0 }) });\n`
}

const requests: Array<string> = []
let waiting: ((request: string) => void) | undefined
const script = await bundle(file(scripts[name!]!), { "harness/serve.ts": file("./serve-page.ts") })
const close = await openPage(executable, {
  script: shim() + script,
  query: "",
  hardware: process.env["BENCH_HARDWARE"] === "1",
  answer: (body) => {
    give(JSON.parse(body) as Reply)
    const request = requests.shift()
    return request ?? new Promise((resolve) => (waiting = resolve))
  },
  ended: (reason) => give({ is: "refused", reason })
})

const end = (): void => void close().then(() => process.exit(0))
process.once("SIGTERM", end)
createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (waiting === undefined) return void requests.push(line)
    waiting(line)
    waiting = undefined
  })
  .on("close", end)
