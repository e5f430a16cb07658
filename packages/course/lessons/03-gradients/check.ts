import { checkGradients, grad } from "@noema/autodiff"
import { named, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { checks, difference, firstOf, type Nested, numbers, onAll, shown, table } from "../../src/check/index.ts"

const { spec } = Program

const params = { w: spec([2]), b: spec([]) }
/** Parameters, points and labels. */
const data = fc
  .integer({ min: 1, max: 5 })
  .chain((n) =>
    fc.tuple(numbers(2), numbers(1), table(n, 2), fc.array(fc.constantFrom(0, 1), { minLength: n, maxLength: n }))
  )

const oddsOf = (w: ReadonlyArray<number>, b: number, x: ReadonlyArray<ReadonlyArray<number>>) =>
  x.map((row) => row.reduce((sum, value, i) => sum + value * w[i]!, b))
const likelihood = (z: ReadonlyArray<number>, y: ReadonlyArray<number>) =>
  z.reduce((sum, odds, i) => sum + Math.log1p(Math.exp(odds)) - y[i]! * odds, 0) / z.length

export default checks<typeof import("./solution.ts")>({
  hint: "Types say what is wanted: w has one axis and Tensor.matmul needs two, so multiply and sum over the last; loss is one number, so a mean over the batch; gradient.w and gradient.b have the shapes of w and b.",
  checks: [
    {
      kind: "values",
      name: "logits and loss",
      hint: "Tensor.mul(x, w) stretches w over the rows; sum along axis 1. The loss is Tensor.mean of softplus(z) - y z.",
      run: Effect.fnUntraced(function* ({ logits, loss }) {
        const runLogits = yield* Program.make(logits, params, spec(["batch", 2]))
        const runLoss = yield* Program.make(loss, params, spec(["batch", 2]), spec(["batch"]))
        return yield* onAll(data, ([w, [b], x, y]) => {
          const z = oddsOf(w, b!, x)
          const at = `of w = ${shown(w)}, b = ${shown(b!)}, x = ${shown(x)}`
          return firstOf([
            Effect.map(runLogits({ w, b: b! }, x), (found) => difference(`logits ${at}`, found.toArray() as Nested, z)),
            Effect.map(runLoss({ w, b: b! }, x, y), (found) =>
              difference(`loss ${at}, y = ${shown(y)}`, found.toArray(), likelihood(z, y))
            )
          ])
        })
      })
    },
    {
      kind: "values",
      name: "step",
      hint: "Down the gradient: what is there, less 0.5 times the gradient of it.",
      run: Effect.fnUntraced(function* ({ step }) {
        const run = yield* Program.make(step, params, spec(["batch", 2]), spec(["batch"]))
        return yield* onAll(data, ([w, [b], x, y]) => {
          // The slope of the loss in the log-odds is sigmoid(z) - y.
          const slopes = oddsOf(w, b!, x).map((z, i) => (1 / (1 + Math.exp(-z)) - y[i]!) / y.length)
          const wanted = {
            w: w.map((value, j) => value - 0.5 * slopes.reduce((sum, slope, i) => sum + slope * x[i]![j]!, 0)),
            b: b! - 0.5 * slopes.reduce((sum, slope) => sum + slope, 0)
          }
          const at = `after a step from w = ${shown(w)}, b = ${shown(b!)} on x = ${shown(x)}, y = ${shown(y)}`
          return Effect.map(
            run({ w, b: b! }, x, y),
            ([after]) =>
              difference(`w ${at}`, after.w.toArray() as Nested, wanted.w) ??
              difference(`b ${at}`, after.b.toArray(), wanted.b)
          )
        })
      })
    },
    {
      kind: "values",
      name: "the rule of safeRoot",
      hint: "The slope of sqrt(x) is 1 / (2 sqrt(x)); the rule multiplies it by g. Tensor.where takes 0 where x is 0.",
      run: Effect.fnUntraced(function* ({ safeRoot }) {
        const summed = (x: Tensor.Tensor<["n"]>) => Tensor.sum(Tensor.mul(safeRoot(x), safeRoot(x)))
        const slope = yield* Program.make(grad(summed), spec(["n"]))
        const [atZero, atFour] = (yield* slope([0, 4])).toArray() as ReadonlyArray<number>
        if (atZero !== 0) return `the rule of safeRoot should give 0 where x is 0 and gives ${atZero}`
        if (Math.abs(atFour! - 1) > 1e-4)
          return `the slope of safeRoot(x) * safeRoot(x) should be 1 at x = 4 and is ${shown(atFour!)}`
        const root = (x: Tensor.Tensor<[3]>) => safeRoot(Tensor.ensureShape(x, [named("n", 3)]))
        return yield* checkGradients(root, Tensor.fromArray([0.5, 1, 3])).pipe(
          Effect.as(null),
          Effect.catchTag("GradientMismatch", ({ message }) => Effect.succeed(`against finite differences: ${message}`))
        )
      })
    }
  ]
})
