/** What is looked at on every page: axe's rules, and that nothing is wider than the page. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** What axe finds, in a line for each kind, and how wide the page is where it has to be moved sideways. */
export const faultsOf = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.addScriptTag({ content: axe })
  const found = (await page.evaluate(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.length} times, first ${nodes[0].html.slice(0, 160)}`))"
  )) as ReadonlyArray<string>
  const { width } = page.viewportSize()!
  const wide = Number(await page.evaluate("document.documentElement.scrollWidth"))
  return wide > width ? [...found, `expected nothing wider than ${width}, found ${wide}`] : found
}
