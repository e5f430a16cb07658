/** The loss of logistic regression, step by step. */
import { Report } from "@noema/atp"
import { Program, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { step } from "../lessons/03-gradients/solution.ts"
import { standalone } from "../src/plot/standalone.ts"
import type { Picture } from "./picture.ts"

const { spec } = Program

export const gradients: Picture = Effect.gen(function* () {
  const first = { w: Tensor.zeros([2]), b: Tensor.scalar(0) }
  const run = yield* Program.make(step, Program.specsOf(first), spec(["batch", 2]), spec(["batch"]))
  const state = yield* Resident.make(first)
  const points: Array<readonly [number, number]> = []
  // The last point lies on the wrong side, so no line is right about all of them.
  const x = [[0, 0], [0, 1], [1, 0], [1, 1], [0.2, 0.1]] // prettier-ignore
  for (let i = 0; i <= 60; i++) {
    const loss = yield* Program.update(run, state, x, [0, 1, 1, 1, 1])
    points.push([i, loss.toArray()])
  }
  const chart = Report.lineChart([{ name: "loss", points }], { x: "step", y: "loss" })
  return standalone(
    chart,
    `The loss falls from ${points[0]![1].toFixed(3)} to ${points.at(-1)![1].toFixed(3)} in 60 steps.`
  )
})
