/**
 * Pictures for the README and the docs: `npm run shots -- runs/default` writes those of its report, and of the playground, to
 * docs/pictures. A run that is not there has none.
 */
import { Report } from "@noema/atp"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import { build } from "../../apps/playground/build.ts"
import { pageServer } from "../../apps/playground/serve.ts"
import { findChromium } from "./chromium.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const pictures = join(root, "docs/pictures")
const run = process.argv[2] ?? "runs/default"
const executablePath = findChromium()

mkdirSync(pictures, { recursive: true })
if (executablePath === null) throw new Error("there is no Chromium here (set NOEMA_CHROMIUM, or apt install chromium)")
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
const schemes = ["light", "dark"] as const
const summary = join(run, "summary.json")
if (existsSync(summary)) {
  const report = Report.html(new Report.Summary(JSON.parse(readFileSync(summary, "utf8"))))
  for (const colorScheme of schemes) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme })
    await page.setContent(report)
    await page.screenshot({ path: join(pictures, `report-${colorScheme}.png`) })
    await page.close()
  }
} else console.log(`no pictures of a report: there is no ${summary}`)

await build()
const server = pageServer()
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
const { port } = server.address() as AddressInfo
for (const colorScheme of schemes) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 850 }, colorScheme })
  await page.goto(`http://127.0.0.1:${port}/#q=5%2B3-6%2B6&take=1:5%2B0-6%2B1:1`)
  await page.locator(".column.other").waitFor()
  await page.waitForFunction("performance.getEntriesByName('other latents').length > 0")
  await page.screenshot({ path: join(pictures, `playground-${colorScheme}.png`) })
  await page.close()
}
await browser.close()
server.closeAllConnections()
server.close()
