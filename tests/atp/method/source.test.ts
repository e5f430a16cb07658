/** Where methods are from, as fields of their records. */
import { Layout, Method, Methods, Objective, Part, Policy, Stop } from "../inside.ts"
import { expect, test } from "vitest"

const bare = {
  name: "mine",
  summary: "a method that is mine",
  backbone: Part.llama,
  parts: {},
  policy: () => Policy.hiddenState,
  stop: () => Stop.fixedCount,
  layout: Layout.stages(),
  objective: [Objective.text(1)]
}

test("every method that has a name says what it comes to, and where it is published if it is", () => {
  for (const name of Methods.methodNames) {
    const { source } = Methods.methods[name]
    expect(source?.equation, name).toMatch(/\S/)
    if (source !== null && source.paper !== null)
      expect(source.paper, name).toMatch(/^arXiv \d{4}\.\d{4,5}(, (section|appendix|equation) .+)?$/)
  }
})

test("a method of one's own need not say where it is from, and a variant is from where the method is that it is of", () => {
  expect(Method.method(bare).source).toBeNull()
  const source = { paper: "arXiv 2412.06769", equation: "z_t = h_t" }
  const published = Method.method({ ...bare, source })
  expect(published.source).toEqual(source)
  expect(Method.variant(published, { name: "other", summary: "another" }).source).toEqual(source)
  const own = { paper: null, equation: "z_t = 2 h_t" }
  expect(Method.variant(published, { name: "other", summary: "another", source: own }).source).toEqual(own)
})
