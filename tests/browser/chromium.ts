/** A headless Chromium that loads one page from a local server and waits for what the page posts back. */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import * as os from "node:os"
import * as path from "node:path"

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

/** The browser's executable: `NOEMA_CHROMIUM`, or where distributions put it. */
export const findChromium = (): string | null =>
  [process.env["NOEMA_CHROMIUM"], ...places].find((file) => file !== undefined && fs.existsSync(file)) ?? null

/** Software adapters for WebGPU and WebGL; a machine with a graphics card can run without. */
export const software = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-features=Vulkan",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist"
]

/** The machine's card through Vulkan, for WebGPU and for ANGLE's WebGL, without a screen. */
const card = [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--use-angle=vulkan",
  "--disable-vulkan-surface",
  "--ignore-gpu-blocklist"
]

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }

export interface Page {
  /** What the page's script does. */
  readonly script: string
  /** After the `?` of its address. */
  readonly query: string
  /** Uses the machine's graphics card, not software adapters. */
  readonly hardware?: boolean
  /** Answers what the page posts. */
  readonly answer: (body: string) => Promise<string> | string
  /** The browser has ended by itself. */
  readonly ended: (reason: string) => void
}

/** Serves a page and opens it; what is returned closes the browser and the server. */
export const openPage = async (executable: string, page: Page): Promise<() => Promise<void>> => {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "noema-chromium-"))
  const server = http.createServer((request, response) => {
    const send = (type: string, body: string) =>
      response.writeHead(200, { ...isolation, "Content-Type": type }).end(body)
    if (request.url === "/script.js") return void send("text/javascript", page.script)
    if (request.method !== "POST")
      return void send("text/html", `<!doctype html><script type="module" src="/script.js"></script>`)
    let body = ""
    request.on("data", (chunk: Buffer) => (body += chunk.toString()))
    request.on("end", () => void Promise.resolve(page.answer(body)).then((text) => send("text/plain", text)))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const flags = ["--headless=new", "--no-sandbox", "--no-first-run", `--user-data-dir=${profile}`]
  const address = `http://127.0.0.1:${port}/?${page.query}`
  const graphics = page.hardware === true ? card : software
  const browser = spawn(executable, [...flags, ...graphics, address], { stdio: "ignore", detached: true })
  const exited = new Promise<void>((resolve) => browser.once("exit", () => resolve()))
  browser.once("exit", (code, signal) => page.ended(`Chromium ended with ${signal ?? `status ${code}`}`))
  browser.once("error", (error) => page.ended(error.message))
  return async () => {
    if (browser.pid !== undefined && browser.exitCode === null && browser.signalCode === null) {
      process.kill(-browser.pid, "SIGKILL")
      await exited
    }
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Opens `script` as a page and resolves with the JSON that it posts, or null if it does not within the time. */
export const visit = async (executable: string, script: string, query: string, timeoutMs: number): Promise<unknown> => {
  let settle: (outcome: unknown) => void = () => {}
  const posted = new Promise<unknown>((resolve) => (settle = resolve))
  const answer = (body: string): string => {
    settle(JSON.parse(body))
    return ""
  }
  const close = await openPage(executable, { script, query, answer, ended: () => settle(null) })
  const late = setTimeout(() => settle(null), timeoutMs)
  try {
    return await posted
  } finally {
    clearTimeout(late)
    await close()
  }
}
