/**
 * The report in Chromium, light and dark, on a desktop and on a phone, folded up and open: nothing that axe finds fault with,
 * nothing wider than the page, all pictures on the first screen, few printed pages, few bytes.
 */
import { Report } from "@noema/atp"
import { chromium } from "playwright-core"
import { faultsOf } from "./axe.ts"
import { findChromium } from "./chromium.ts"
import { demoSummary } from "./summary.ts"

const most = { bytes: 120_000, printedPages: 6, firstScreen: { width: 1280, height: 800 } }
const html = Report.html(demoSummary())
const open = html.replaceAll("<details", "<details open")

const checked = async (executable: string): Promise<ReadonlyArray<string>> => {
  const faults: Array<string> = []
  if (Buffer.byteLength(html) > most.bytes)
    faults.push(`expected at most ${most.bytes} bytes, found ${Buffer.byteLength(html)}`)
  const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] })
  try {
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [most.firstScreen.width, 390])
        for (const [state, text] of [
          ["folded", html],
          ["open", open]
        ] as const) {
          const page = await browser.newPage({ viewport: { width, height: most.firstScreen.height }, colorScheme })
          await page.setContent(text)
          const where = `${colorScheme}, ${width} wide, ${state}`
          faults.push(...(await faultsOf(page)).map((fault) => `${where}: ${fault}`))
          if (state === "folded" && width === most.firstScreen.width) {
            const bottom = Number(
              await page.evaluate("document.querySelector('.cards').getBoundingClientRect().bottom")
            )
            const cards = Number(await page.evaluate("document.querySelectorAll('.card').length"))
            if (bottom > most.firstScreen.height || cards !== 6)
              faults.push(
                `${where}: expected six pictures within ${most.firstScreen.height}, found ${cards} down to ${bottom}`
              )
            const printed = (await page.pdf()).toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0
            if (printed === 0 || printed > most.printedPages)
              faults.push(`${where}: expected at most ${most.printedPages} printed pages, found ${printed}`)
          }
          if (state === "open") {
            await page.locator("input[value=wrong]").first().check()
            const kinds = await page.evaluate(
              "[...document.querySelector('.completions').querySelectorAll('tr[data-kinds]')].filter((row) => row.checkVisibility()).map((row) => row.dataset.kinds)"
            )
            const others = (kinds as ReadonlyArray<string>).filter((kind) => !kind.split(" ").includes("wrong"))
            if ((kinds as ReadonlyArray<string>).length === 0 || others.length > 0)
              faults.push(`${where}: expected wrong attempts alone to be shown, found ${String(kinds)}`)
          }
          await page.close()
        }
  } finally {
    await browser.close()
  }
  return faults
}

const executable = findChromium()
if (executable === null)
  console.log("- the report: skipped: there is no Chromium here (set NOEMA_CHROMIUM, or apt install chromium)")
else {
  const faults = await checked(executable)
  console.log(`${faults.length === 0 ? "+" : "x"} the report in Chromium, ${html.length} signs`)
  for (const fault of faults) console.log(`    ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
