/**
 * `node tests/browser/example.ts`: the example's page as it is built, in headless Chromium, from its first update to an
 * answer. Ends with status 1 if it fails; without Chromium that is said.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { build, dist } from "../../examples/browser/build.ts"
import { pageServer } from "../../examples/browser/serve.ts"
import { findChromium } from "./chromium.ts"

const timeoutMs = 120_000

/** Tells the server what the page shows once it has ended, one way or the other. */
const watcher = `<script>
  const tell = () => document.body.dataset.state && fetch("/outcome", { method: "POST", body: JSON.stringify({
    state: document.body.dataset.state,
    status: document.getElementById("status").textContent,
    answer: document.getElementById("answer").textContent
  }) })
  new MutationObserver(tell).observe(document.body, { attributes: true })
</script>`

interface Shown {
  readonly state: string
  readonly status: string
  readonly answer: string
}

const visited = async (executable: string): Promise<Shown | null> => {
  await build()
  const pages = pageServer()
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "noema-chromium-"))
  let settle: (shown: Shown | null) => void = () => {}
  const posted = new Promise<Shown | null>((resolve) => (settle = resolve))
  const server = http.createServer((request, response) => {
    if (request.method === "POST") {
      let body = ""
      request.on("data", (chunk: Buffer) => (body += chunk.toString()))
      request.on("end", () => {
        response.end()
        settle(JSON.parse(body) as Shown)
      })
    } else if (request.url?.startsWith("/?") === true) {
      const page = fs.readFileSync(path.join(dist, "index.html"), "utf8")
      response
        .writeHead(200, {
          "Content-Type": "text/html",
          "Cross-Origin-Opener-Policy": "same-origin",
          "Cross-Origin-Embedder-Policy": "require-corp"
        })
        .end(page.replace("<script", `${watcher}<script`))
    } else pages.emit("request", request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const browser = spawn(
    executable,
    [
      "--headless=new",
      "--no-sandbox",
      "--no-first-run",
      `--user-data-dir=${profile}`,
      `http://127.0.0.1:${port}/?updates=8`
    ],
    { stdio: "ignore", detached: true }
  )
  const late = setTimeout(() => settle(null), timeoutMs)
  const exited = new Promise<void>((resolve) => browser.once("exit", () => resolve()))
  browser.once("error", () => settle(null))
  try {
    return await posted
  } finally {
    clearTimeout(late)
    if (browser.pid !== undefined) process.kill(-browser.pid, "SIGKILL")
    await exited
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

const executable = findChromium()
if (executable === null)
  console.log("- the example's page: skipped: there is no Chromium here (set NOEMA_CHROMIUM, or apt install chromium)")
else {
  const shown = await visited(executable)
  const right =
    shown?.state === "done" &&
    /^\d+ % of held-out questions right after \d+ s \(wasm, \d+ threads?, /.test(shown.status) &&
    /^\d latents, which spell\n(.*\n)*answer \S+$/.test(shown.answer)
  const found = shown === null ? `nothing within ${timeoutMs / 1000} s` : JSON.stringify(shown)
  console.log(`${right ? "+" : "x"} the example's page in Chromium: ${found}`)
  process.exitCode = right ? 0 : 1
}
