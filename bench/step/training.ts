/** The training step as one program: loss, gradients and AdamW compiled together, parameters and moments donated. */
import { Optimiser, valueAndGrad } from "@noema/autodiff"
import { Program, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { type StepCase, stepParameters, stepTokens } from "../harness/cases.ts"
import { type Ids, lossOf } from "./model.ts"

/** The state before the first step, and the step itself; groups of more than one layer are checkpointed. */
export const trainingStep = (c: StepCase, group = 1) => {
  const weights: Record<string, Tensor.Tensor> = {}
  for (const { name, sizes, data } of stepParameters(c)) weights[name] = Tensor.fromArray(data, sizes)
  const optimiser = Optimiser.adamw({ learningRate: 3e-4, weightDecay: 0.01 })
  const lossAndGradient = valueAndGrad(lossOf(c, group))
  const first = { weights, optimiser: optimiser.init(weights) }
  const step = (state: typeof first, x: Ids, y: Ids) => {
    const { value, gradient } = lossAndGradient(state.weights, x, y)
    const next = optimiser.update(gradient, state.optimiser, state.weights)
    return [{ weights: Optimiser.applyUpdates(state.weights, next.updates), optimiser: next.state }, value] as const
  }
  return { first, step }
}

/** One step on the device after another; each gives its loss. */
export const training = Effect.fnUntraced(function* (c: StepCase, group = 1) {
  const { first, step } = trainingStep(c, group)
  const state = yield* Resident.make(first)
  const ids = Program.spec([c.batch * c.seq], "i32")
  const program = yield* Program.make(step, Program.specsOf(first), ids, ids)
  const { x, y } = stepTokens(c)
  return { step: Program.update(program, state, x, y), prepared: Program.prepare(program, {}, { update: true }) }
})
