/** Programs of known values on every device. */
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, describe, expect, it } from "vitest"
import { evaluate } from "./check.ts"
import { checkWrong, wrongs } from "./checked.ts"
import { devices } from "./devices.ts"
import { known } from "./known/all.ts"
import { graphOf, judgeKnown } from "./known/known.ts"

describe.each(devices)("$name", ({ name, layer, internal }) => {
  if (layer === undefined) {
    it.skip(`${name} is not in this build`, () => {})
    return
  }
  const runtime = ManagedRuntime.make(layer)
  afterAll(() => runtime.dispose())

  it.each(known.filter(({ except = {} }) => !(name in except)))("$name", async (each) => {
    const graph = graphOf(each)
    const inputs = each.given.map(({ data }) => data)
    expect(judgeKnown(each, graph, await runtime.runPromise(evaluate({ graph, inputs })))).toBeNull()
  })

  if (internal !== true)
    it.each(wrongs)("checked mode says: $says", async (wrong) => {
      expect(await runtime.runPromise(checkWrong(wrong))).toBeNull()
    })
})
