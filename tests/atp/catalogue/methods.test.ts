/** What is printed of methods, and the page on them. */
import { Catalogue, CatalogueText, Method, Methods } from "../inside.ts"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"

const all = Methods.methodNames.map((name): Method.Method => Methods.methods[name])
const catalogue = Catalogue.catalogueOf(all)
const { methods } = catalogue

test("the page on methods is what their records say; npm run methods:page writes it", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/methods.md"), "utf8")
  expect(page).toBe(CatalogueText.methodsPage(catalogue))
})

test("tables name every method twice, and no line has more than 80 signs", () => {
  const text = CatalogueText.methodsText(catalogue)
  const lines = text.split("\n")
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  for (const { slug } of methods) expect(lines.filter((line) => line.split(" ")[0] === slug)).toHaveLength(2)
})

test("one method whole says all that its record does, within 80 signs", () => {
  for (const [i, facts] of methods.entries()) {
    const { preference, reinforcement, terms } = all[i]!
    const text = CatalogueText.methodText(facts)
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
    for (const part of all[i]!.partNames) expect(text).toContain(part)
    const learnt = preference === null ? terms : [preference]
    for (const { name } of learnt) expect(text.replaceAll(/\s+/g, " ")).toContain(name)
    expect(text.includes("estimator")).toBe(reinforcement !== null)
  }
})

test("what is searched over follows from what a method draws", () => {
  const of = (slug: Methods.MethodName) => methods.find((each) => each.slug === slug)!.search
  expect([of("cot"), of("coconut"), of("atp-latent")]).toEqual(["symbols", "noise", "latents"])
})

test("tokens are those of a right attempt: latents beside the symbols of an answer and its sign", () => {
  for (const { slug, tokens } of methods.filter(({ policy, said }) => policy === "none" && said === "no"))
    expect(tokens, slug).toBe(2)
  const [written, thought] = [
    methods.find(({ slug }) => slug === "cot")!,
    methods.find(({ slug }) => slug === "coconut")!
  ]
  expect(thought.tokens).toBe(5)
  expect(written.tokens).toBeGreaterThan(3 * thought.tokens)
})
