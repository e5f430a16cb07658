import type { Part, Policy } from "@noema/atp"
import { Program, Random, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { checks, difference, firstOf, type Nested, numbers, onAll, shown } from "../../src/check/index.ts"

const { spec } = Program
const row = spec(["batch", "width"])

/** What the exercise exports. Its solution has a line that the compiler refuses, and is not imported for its types. */
interface Exercise {
  readonly gaussianHead: (head: Part.LatentHead, floor: number) => Policy.StepPolicy<"scored">
}

/** A head whose mean is half the state, and whose log-variance is the state. */
const head: Part.LatentHead = { at: (hidden) => ({ mean: Tensor.mul(hidden, 0.5), logVariance: hidden }) }
const floor = 0.7

const meanOf = (x: number) => x / 2
const deviationOf = (x: number) => Math.max(floor, Math.exp(x / 2))

export default checks<Exercise>({
  hint: "A log-variance v is a deviation of exp(v / 2). A latent is mean + deviation * noise. For the //!, take the last and innermost line that your editor shows.",
  checks: [
    {
      kind: "values",
      name: "at and logProb",
      hint: "log N(a; m, s²) = -((a - m) / s)² / 2 - log s - log(2 pi) / 2, with the deviation that is drawn with: that of the head, but at least the floor.",
      run: Effect.fnUntraced(function* ({ gaussianHead }) {
        const policy = gaussianHead(head, floor)
        const run = yield* Program.make(
          (hidden, given) => {
            const { at, logProb } = policy.dist<["batch"]>(hidden)
            return { drawn: at(given), density: logProb(given) }
          },
          row,
          row
        )
        return yield* onAll(fc.tuple(numbers(3), numbers(3)), ([hidden, given]) =>
          Effect.map(run([hidden], [given]), ({ density, drawn }) => {
            const where = `at means ${shown(hidden.map(meanOf))} and deviations ${shown(hidden.map(deviationOf))}`
            const latents = given.map((noise, i) => meanOf(hidden[i]!) + deviationOf(hidden[i]!) * noise)
            const logProbs = given.map((action, i) => {
              const s = deviationOf(hidden[i]!)
              return -0.5 * ((action - meanOf(hidden[i]!)) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI)
            })
            return (
              difference(`the latent of noise ${shown(given)} ${where}`, drawn.toArray() as Nested, [latents]) ??
              difference(`the log-density of ${shown(given)} ${where}`, density.toArray() as Nested, [logProbs])
            )
          })
        )
      })
    },
    {
      kind: "values",
      name: "kl",
      hint: "KL(N(m, s²) || N(0, 1)) = (m² + s² - 1 - 2 log s) / 2, with the same s.",
      run: Effect.fnUntraced(function* ({ gaussianHead }) {
        const policy = gaussianHead(head, floor)
        const run = yield* Program.make(
          (hidden, noise) => {
            const { at, kl, logProb } = policy.dist<["batch"]>(hidden)
            const drawn = at(noise)
            const standard = Tensor.sub(Tensor.mul(Tensor.square(drawn), -0.5), 0.5 * Math.log(2 * Math.PI))
            return {
              kl: Tensor.mean(kl === null ? hidden : kl),
              ratio: Tensor.mean(Tensor.sub(logProb(drawn), standard))
            }
          },
          row,
          row
        )
        const noise = yield* Program.compute(Random.normal(Random.key(1), [4096, 1]))
        return yield* firstOf(
          [-2, 0, 1].map((state) =>
            Effect.map(run({ shape: [4096, 1], data: new Float32Array(4096).fill(state) }, noise), ({ kl, ratio }) => {
              // Four deviations of a mean of 4096 draws.
              const near = Math.abs(kl.toArray() - ratio.toArray()) < 0.1
              return near
                ? null
                : `the kl at a state of ${state} should be the mean of log q(z) - log p(z) over draws z, ${shown(ratio.toArray())}, and is ${shown(kl.toArray())}`
            })
          )
        )
      })
    }
  ]
})
