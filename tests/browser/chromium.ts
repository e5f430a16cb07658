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
const software = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-features=Vulkan",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist"
]

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }

/** Serves `script` as a page, opens it with `query` and resolves with the JSON that it posts to `/outcome`. */
export const visit = async (
  executable: string,
  script: string,
  query: string,
  timeoutMs: number,
  hardware = false
): Promise<unknown> => {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "noema-chromium-"))
  let settle: (outcome: unknown) => void = () => {}
  const posted = new Promise<unknown>((resolve) => (settle = resolve))
  const server = http.createServer((request, response) => {
    const send = (type: string, body: string) =>
      response.writeHead(200, { ...isolation, "Content-Type": type }).end(body)
    if (request.url === "/script.js") return void send("text/javascript", script)
    if (request.method !== "POST")
      return void send("text/html", `<!doctype html><script type="module" src="/script.js"></script>`)
    let body = ""
    request.on("data", (chunk: Buffer) => (body += chunk.toString()))
    request.on("end", () => {
      send("text/plain", "")
      settle(JSON.parse(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const flags = ["--headless=new", "--no-sandbox", "--no-first-run", `--user-data-dir=${profile}`]
  const address = `http://127.0.0.1:${port}/?${query}`
  const browser = spawn(executable, [...flags, ...(hardware ? ["--enable-unsafe-webgpu"] : software), address], {
    stdio: "ignore",
    detached: true
  })
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
