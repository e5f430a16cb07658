import { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { checks, difference, type Nested, numbers, onAll, shown, table } from "../../src/check/index.ts"

const { spec } = Program
const size = fc.integer({ min: 1, max: 4 })

export default checks<typeof import("./solution.ts")>({
  hint: "Each is one expression. Lay out the shapes from the right, and put a dimension of size 1 (Tensor.expandDims) where something is to be stretched.",
  checks: [
    {
      kind: "values",
      name: "outer",
      hint: "A column is a tensor of shape [rows, 1]: Tensor.expandDims(a, 1). Times a row it is a table.",
      run: Effect.fnUntraced(function* ({ outer }) {
        const run = yield* Program.make(outer, spec(["rows"]), spec(["columns"]))
        const inputs = fc.tuple(size, size).chain(([n, m]) => fc.tuple(numbers(n), numbers(m)))
        return yield* onAll(inputs, ([a, b]) =>
          Effect.map(run(a, b), (found) =>
            difference(
              `outer(${shown(a)}, ${shown(b)})`,
              found.toArray() as Nested,
              a.map((x) => b.map((y) => x * y))
            )
          )
        )
      })
    },
    {
      kind: "values",
      name: "causalMask",
      hint: "Tensor.iota(square, 0) has the number of its row in each place, Tensor.iota(square, 1) that of its column.",
      run: Effect.fnUntraced(function* ({ causalMask }) {
        const run = yield* Program.make(causalMask, spec(["time", "width"]))
        return yield* onAll(
          size.chain((n) => table(n, 2)),
          (x) =>
            Effect.map(run(x), (found) =>
              difference(
                `causalMask of ${x.length} places`,
                found.toArray() as Nested,
                x.map((_, i) => x.map((_, j) => j <= i))
              )
            )
        )
      })
    },
    {
      kind: "values",
      name: "oneHot",
      hint: "Compare labels as a column with Tensor.arange(5) as a row; Tensor.cast makes numbers of what is true.",
      run: Effect.fnUntraced(function* ({ oneHot }) {
        const run = yield* Program.make(oneHot, spec(["batch"], "i32"))
        return yield* onAll(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }), (labels) =>
          Effect.map(run(labels), (found) =>
            difference(
              `oneHot(${shown(labels)})`,
              found.toArray() as Nested,
              labels.map((label) => Array.from({ length: 5 }, (_, j) => Number(j === label)))
            )
          )
        )
      })
    },
    {
      kind: "values",
      name: "rmsNorm",
      hint: "A mean along axis 1 with { keepDims: true } stays a column, which stretches over its row. The 1e-5 is added to it before the root, so that a row of zeros stays one.",
      run: Effect.fnUntraced(function* ({ rmsNorm }) {
        const run = yield* Program.make(rmsNorm, spec(["batch", "width"]), spec(["width"]))
        const inputs = fc.tuple(size, size).chain(([n, m]) => fc.tuple(table(n, m), numbers(m)))
        return yield* onAll(inputs, ([x, scale]) => {
          const wanted = x.map((row) => {
            const root = Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0) / row.length + 1e-5)
            return row.map((value, j) => (value / root) * scale[j]!)
          })
          return Effect.map(run(x, scale), (found) =>
            difference(`rmsNorm(${shown(x)}, ${shown(scale)})`, found.toArray() as Nested, wanted)
          )
        })
      })
    }
  ]
})
