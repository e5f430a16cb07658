/** Pictures of a report for the README: `npm run shots -- runs/default` writes docs/pictures/report-*.png. */
import { Report } from "@noema/atp"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import { findChromium } from "./chromium.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const pictures = join(root, "docs/pictures")
const run = process.argv[2] ?? "runs/default"
const executablePath = findChromium()

const summary = new Report.Summary(JSON.parse(readFileSync(join(run, "summary.json"), "utf8")))
mkdirSync(pictures, { recursive: true })
if (executablePath === null) throw new Error("there is no Chromium here (set NOEMA_CHROMIUM, or apt install chromium)")
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
for (const colorScheme of ["light", "dark"] as const) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme })
  await page.setContent(Report.html(summary))
  await page.screenshot({ path: join(pictures, `report-${colorScheme}.png`) })
  await page.close()
}
await browser.close()
