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

/** Types of which users write values themselves, when they extend a room. */
const written = [
  "Layout.Budget Layout.Layout Layout.Phase Layout.Sees Method.Source Model.Trained",
  "Objective.MarksOf Objective.Reader Objective.Term Part.Initial.Initialiser Part.LatentHead Part.Layer Part.ModelSizes",
  "Part.Speaker Part.StopHead Policy.StepPolicy Reinforce.Advantage.Advantage Reinforce.Clip.Clip",
  "Reinforce.Coordinates.Coordinates Reinforce.Credit.Credit Reinforce.Filter.Filter Reinforce.Filter.Overlong",
  "Reinforce.Ratio.Ratio Reinforce.TermOptions Reinforce.Tokens.Tokens Report.Ended Reward.Reward Reward.Score",
  "Search.Choice Search.Search Search.Stirring Task.Problem Task.StepLanguage Task.Task Task.Wanted"
].flatMap((names) => names.split(" "))

it("shows how values of types are written that users make themselves", () => {
  const types = exportsOf("atp").filter(({ kind }) => kind === "type")
  const shown = types.filter(({ docstring }) => examplesIn(docstring).length > 0).map(({ name }) => name)
  expect(written.filter((name) => !shown.includes(name))).toEqual([])
})

describe.each([
  ["atp", atp],
  ["autodiff", autodiff],
  ["tensor", tensor]
])("@noema/%s", (name, module) => {
  const all = exportsOf(name)
  const exported = all.filter(({ kind }) => kind === "value")
  const isTold = (docstring: string) => /\w/.test(docstring.split("@example")[0]!)

  it("is read whole off its sources", () => {
    expect(exported.map(({ name }) => name).toSorted()).toEqual(namesOf(module).toSorted())
  })

  it("has a sentence and an example at every value", () => {
    const without = exported.filter(({ docstring }) => !isTold(docstring) || examplesIn(docstring).length === 0)
    expect(without.map(({ file, line, name }) => `${name} (${file}:${line})`)).toEqual([])
  })

  it("has a sentence at every type", () => {
    expect(all.filter(({ docstring }) => !isTold(docstring)).map(({ name }) => name)).toEqual([])
  })
})
