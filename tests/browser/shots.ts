/**
 * Pictures for the README and the docs: `npm run shots -- runs/default` writes those of its report, of the playground and of the
 * documentation site (`npm run docs` builds it) to docs/pictures, as wide as a desktop and as a phone, light and dark. What is
 * not there has none.
 */
import { Report } from "@noema/atp"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { chromium, type Page } from "playwright-core"
import { build } from "../../apps/playground/build.ts"
import { pageServer } from "../../apps/playground/serve.ts"
import { findChromium } from "./chromium.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const pictures = join(root, "docs/pictures")
const site = join(root, "site")
const executablePath = findChromium()
if (executablePath === null) throw new Error("there is no Chromium here (set NOEMA_CHROMIUM, or apt install chromium)")
mkdirSync(pictures, { recursive: true })
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })

const widths = { "": { width: 1280, height: 800 }, "-phone": { width: 390, height: 800 } }

/** `NAME-light.png`, `NAME-phone-dark.png` and the others, of what `open` shows. */
const shoot = async (name: string, open: (page: Page) => Promise<unknown>) => {
  for (const [suffix, viewport] of Object.entries(widths))
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ viewport, colorScheme })
      await open(page)
      await page.screenshot({ path: join(pictures, `${name}${suffix}-${colorScheme}.png`) })
      await page.close()
    }
}

/** The same of a page of a server. */
const shootServed = async (name: string, server: Server, path: string, isThere: (page: Page) => Promise<unknown>) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await shoot(name, async (page) => {
    await page.goto(`http://127.0.0.1:${port}/${path}`)
    await isThere(page)
  })
  server.closeAllConnections()
  server.close()
}

const summary = join(process.argv[2] ?? "runs/default", "summary.json")
if (existsSync(summary)) {
  const report = Report.html(new Report.Summary(JSON.parse(readFileSync(summary, "utf8"))))
  await shoot("report", (page) => page.setContent(report))
} else console.log(`no pictures of a report: there is no ${summary}`)

await build()
await shootServed("playground", pageServer(), "#q=5%2B3-6%2B6&take=1:5%2B0-6%2B1:1", async (page) => {
  await page.locator(".column.other").waitFor()
  await page.waitForFunction("performance.getEntriesByName('other latents').length > 0")
})

if (existsSync(site))
  await shootServed(
    "site",
    pageServer({ folder: site, isolated: false }),
    "functions/_noema_tensor.Tensor.attention.html",
    async (page) => {
      await page.locator("#tsd-nav-container a").first().waitFor({ state: "attached" })
      await page.waitForFunction("document.body.style.display === ''")
    }
  )
else console.log(`no pictures of the documentation: there is no ${site}`)

await browser.close()
