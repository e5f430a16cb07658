/** Whatever users can write has a docstring, with an example whose outcome is checked (`tests/tensor/dsl/doctest.test.ts`). */
import * as atp from "@noema/atp"
import * as autodiff from "@noema/autodiff"
import * as tensor from "@noema/tensor"
import { describe, expect, it } from "vitest"
import { examplesIn } from "../tensor/dsl/doctest.ts"
import { exportsOf } from "./exported.ts"

const isModule = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Module]"

/** Names of all values of a module, and of the modules in it. */
const namesOf = (module: object): ReadonlyArray<string> =>
  Object.entries(module).flatMap(([name, value]) =>
    isModule(value) ? namesOf(value).map((inner) => `${name}.${inner}`) : [name]
  )

describe.each([
  ["atp", atp],
  ["autodiff", autodiff],
  ["tensor", tensor]
])("@noema/%s", (name, module) => {
  const exported = exportsOf(name)

  it("is read whole off its sources", () => {
    expect(exported.map(({ name }) => name).toSorted()).toEqual(namesOf(module).toSorted())
  })

  it("has an example at every value", () => {
    const without = exported.filter(({ docstring }) => examplesIn(docstring).length === 0)
    expect(without.map(({ file, line, name }) => `${name} (${file}:${line})`)).toEqual([])
  })
})
