/** What six places of a text look at, causally. */
import { Report } from "@noema/atp"
import { Program, Random, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { attend } from "../lessons/04-attention/solution.ts"
import { standalone } from "../src/plot/standalone.ts"
import type { Picture } from "./picture.ts"

const { spec } = Program
const rows = spec(["batch", "time", "head"])

export const attention: Picture = Effect.gen(function* () {
  const run = yield* Program.make(attend, rows, rows, rows, spec(["time", "time"], "bool"))
  const drawn = yield* Program.compute([1, 2, 3].map((seed) => Random.normal(Random.key(seed), [1, 6, 4])))
  const visible = Tensor.le(Tensor.iota([6, 6], 1), Tensor.iota([6, 6], 0))
  const { weights } = yield* run(drawn[0]!, drawn[1]!, drawn[2]!, yield* Program.compute(visible))
  const table = weights.toArray()[0]!
  const cells = table.flatMap((row, i) =>
    row.slice(0, i + 1).map((weight, j) => ({ x: j + 1, y: i + 1, count: Math.round(100 * weight) }))
  )
  const chart = Report.heatMap(cells, { x: "looks at place", y: "place that looks" })
  return standalone(
    chart,
    "Percent of weight of six places on themselves and those before; nothing after the diagonal."
  )
})
