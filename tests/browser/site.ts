/**
 * The documentation site in Chromium, light and dark, on a desktop and on a phone: nothing that axe finds fault with and nothing
 * wider than the page on a page of each kind, and the search, the tree and the menu by keyboard alone. A site that is not there,
 * or is older than what it is made of, is built first.
 */
import { execFileSync } from "node:child_process"
import { existsSync, globSync, statSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Browser, chromium, type Page } from "playwright-core"
import { pageServer } from "../../apps/playground/serve.ts"
import { faultsOf } from "./axe.ts"
import { findChromium } from "./chromium.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const site = join(root, "site")

/** A page of each kind. */
const kinds = {
  "the front page": "index.html",
  "the packages": "modules.html",
  "a package": "modules/_noema_tensor.html",
  "a namespace": "modules/_noema_tensor.Tensor.html",
  "a function with overloads": "functions/_noema_atp.Objective.readOut.html",
  "a function with type parameters": "functions/_noema_tensor.Tensor.attention.html",
  "a value that is called": "variables/_noema_tensor.Tensor.take.html",
  "an interface": "interfaces/_noema_atp.Method.MethodOf.html",
  "a type": "types/_noema_atp.Report.Result.html",
  "a class": "classes/_noema_tensor.Program.HostTensor.html",
  "what extends what": "hierarchy.html",
  "a long document": "documents/docs_gpu.html",
  "the glossary": "documents/docs_glossary.html"
}

/** Builds the site where something that it is made of is newer. */
const build = () => {
  const sources = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "docs-site/*.json",
    "docs-site/theme/*",
    "packages/*/src/**/*.ts"
  ]
  const changed = Math.max(...globSync(sources, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs))
  const front = join(site, "index.html")
  if (existsSync(front) && statSync(front).mtimeMs > changed) return
  execFileSync("npm", ["run", "--silent", "docs"], { cwd: root, stdio: "inherit" })
}

const faults: Array<string> = []
const expect = (holds: boolean, fault: string) => void (holds || faults.push(fault))

/** Waits until TypeDoc has drawn the tree and shows the page. */
const visit = async (page: Page, address: string) => {
  await page.goto(address)
  await page.locator("#tsd-nav-container a").first().waitFor({ state: "attached" })
  await page.waitForFunction("document.body.style.display === ''")
}

const looked = async (page: Page, where: string) =>
  void faults.push(...(await faultsOf(page)).map((fault) => `${where}: ${fault}`))

const find = async (page: Page, what: string) => {
  await page.keyboard.type(what)
  await page.locator("#tsd-search-results a").first().waitFor()
}

const holds = async (page: Page, script: string, fault: string) => expect(Boolean(await page.evaluate(script)), fault)

/** Tabs on until the focus is on what the selector says, or fails. */
const tabTo = async (page: Page, selector: string) => {
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press("Tab")
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
  }
  const found = await page.evaluate("document.activeElement.outerHTML.slice(0, 160)")
  throw new Error(`expected the tab key to reach ${selector}, found ${String(found)}`)
}

/** From the top of a page to its navigation, an entry of it unfolded, and one followed. */
const walkTree = async (page: Page, address: string) => {
  await visit(page, `${address}documents/docs_gpu.html`)
  await tabTo(page, ".skip")
  await page.keyboard.press("Enter")
  await tabTo(page, "[data-key='@noema']")
  await page.keyboard.press("Enter")
  await tabTo(page, "a[href$='modules/_noema_tensor.html']")
  await tabTo(page, "summary[aria-label='Contents of tensor']")
  const unfolded = "document.activeElement.parentElement.open"
  await holds(page, `!${unfolded}`, "expected an entry of the tree to be folded at first")
  await page.keyboard.press("Enter")
  await holds(page, unfolded, "expected Enter to unfold an entry of the tree")
  await looked(page, "the tree, unfolded")
  await tabTo(page, "a[href$='modules/_noema_tensor.Tensor.html']")
  await Promise.all([page.waitForURL("**/modules/_noema_tensor.Tensor.html"), page.keyboard.press("Enter")])
}

/** The search found, asked, and its first answer followed. */
const search = async (page: Page, address: string) => {
  await visit(page, `${address}index.html`)
  await tabTo(page, "#tsd-search-trigger")
  await page.keyboard.press("Enter")
  await find(page, "attention")
  await page.keyboard.press("ArrowDown")
  await Promise.all([page.waitForURL(/attention/i), page.keyboard.press("Enter")])
}

/** The menu of a narrow page opened and closed. */
const openMenu = async (page: Page, address: string) => {
  await visit(page, `${address}index.html`)
  await tabTo(page, "#tsd-toolbar-menu-trigger")
  await page.keyboard.press("Enter")
  await holds(
    page,
    "document.activeElement.closest('.col-sidebar') !== null",
    "expected the focus within the open menu"
  )
  await page.waitForTimeout(500)
  await looked(page, "the menu, open")
  await page.keyboard.press("Escape")
  await holds(
    page,
    "document.activeElement.matches('#tsd-toolbar-menu-trigger[aria-expanded=false]')",
    "expected Escape to close the menu and the focus back on its button"
  )
}

/** A walk that does not get to its end is a fault. */
const walked = async (
  browser: Browser,
  address: string,
  width: number,
  walk: (page: Page, address: string) => Promise<void>
) => {
  const page = await browser.newPage({ viewport: { width, height: 800 } })
  await walk(page, address).catch((error: Error) => faults.push(`by keyboard: ${error.message.split("\n")[0]}`))
  await page.close()
}

/** What is opened, looked at in every width and scheme of colours. */
const lookedThrough = async (page: Page, kind: string) => {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme })
      await looked(page, `${kind}, ${width} wide, ${colorScheme}`)
    }
  }
}

/** A page of each kind, and the search with answers. */
const checked = async (browser: Browser, address: string) => {
  const page = await browser.newPage()
  page.on("pageerror", ({ message }) => faults.push(`an error in the page: ${message}`))
  for (const [kind, path] of Object.entries(kinds)) {
    await visit(page, address + path)
    await lookedThrough(page, kind)
  }
  await visit(page, `${address}index.html`)
  await page.locator("#tsd-search-trigger").click()
  await find(page, "attention")
  await lookedThrough(page, "the search with answers")
  await page.close()
}

const executable = findChromium()
if (executable === null)
  console.log("- the documentation: skipped: there is no Chromium here (set NOEMA_CHROMIUM, or apt install chromium)")
else {
  build()
  const server = pageServer({ folder: site, isolated: false })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] })
  try {
    await walked(browser, address, 1280, walkTree)
    await walked(browser, address, 1280, search)
    await walked(browser, address, 390, openMenu)
    await checked(browser, address)
  } finally {
    await browser.close()
    server.closeAllConnections()
    server.close()
  }
  console.log(
    `${faults.length === 0 ? "+" : "x"} the documentation in Chromium, a page of each of ${Object.keys(kinds).length} kinds`
  )
  for (const fault of faults) console.log(`    ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
