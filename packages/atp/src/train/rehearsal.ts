/** A method put together once on zeros, which computes nothing: what does not go together shows before anything is trained. */
import { named, Program, ShapeError, Tensor } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import type { Phase } from "../layout/layout.ts"
import type { Method, Reinforced } from "../method/method.ts"
import { BadObjective } from "../objective/errors.ts"
import type { Batch } from "../objective/happened.ts"
import { objectiveOf } from "../objective/objective.ts"
import { passOver } from "./batches.ts"
import { undeclared } from "../policy/draws.ts"
import { BadPolicy } from "../policy/errors.ts"
import type { AnyPolicy } from "../policy/policy.ts"
import type { ModelSizes } from "../part/sizes.ts"

/** A method whose parts, policy, rule and terms do not go together. */
export class BadMethod extends Data.TaggedError("BadMethod")<{ readonly method: string; readonly reason: string }> {
  override get message(): string {
    return `${this.method}: ${this.reason}`
  }
}

/** One problem of two symbols in all that it has. */
const batch = (): Batch => {
  const [one, two] = [named("batch", 1), 2]
  return {
    question: Tensor.zeros([one, named("question", two)], "i32"),
    tail: Tensor.zeros([one, named("tail", two)], "i32"),
    groups: Tensor.zeros([one, named("steps", 1), named("symbols", two)], "i32"),
    needed: Tensor.zeros([one], "i32"),
    results: Tensor.zeros([one, named("steps", 1)], "i32"),
    donor: Tensor.zeros([one], "i32"),
    written: Tensor.zeros([one, named("written", two)], "i32")
  }
}

/**
 * Traces a method's objective over one latent step, or none where it does not think. Fails with `BadMethod` where a size of a
 * part is none, a phase trains a part that is not there, shapes disagree, or a term does not go with what it stands beside.
 */
export const rehearse = (
  method: Method,
  sizes: ModelSizes,
  perStep: number,
  phases: ReadonlyArray<Pick<Phase, "learns" | "name">> = []
): Effect.Effect<void, BadMethod> =>
  Effect.suspend(() => {
    const bad = (reason: string) => Effect.fail(new BadMethod({ method: method.name, reason }))
    const names = method.names(sizes)
    const wrong = Object.entries(names).find(([, size]) => !(Number.isSafeInteger(size) && size > 0))
    if (wrong !== undefined) return bad(`expected a whole number above 0 as the size ${wrong[0]}, found ${wrong[1]}`)
    const there = ["backbone", ...method.partNames]
    for (const { learns = [], name } of phases) {
      const missing = learns.find((part) => !there.includes(part))
      if (missing !== undefined)
        return bad(`in the phase "${name}" the part ${missing} is to learn; the method has ${there.join(", ")}`)
    }
    try {
      const model = method.put(Program.zeros(method.specs(sizes), names), sizes)
      const { pace, thinks } = method.layout
      const unlike = [model.policy, model.explore ?? model.policy].flatMap(
        (each) => undeclared(each, sizes.width) ?? []
      )
      if (unlike[0] !== undefined) return bad(unlike[0])
      const form = { latentSteps: Number(thinks), ...(pace === undefined ? {} : { pace }) }
      objectiveOf(model, passOver(model, batch(), form, perStep, Tensor.zeros([2], "i32")))
      return Effect.void
    } catch (error) {
      if (error instanceof ShapeError || error instanceof BadObjective || error instanceof BadPolicy)
        return bad(error.message)
      throw error
    }
  })

/** What a method explores with, as far as it is told, or the sentence that it cannot explore so far. */
const explorerOf = (method: Method, sizes: ModelSizes, exploration: number): AnyPolicy | string => {
  try {
    const { explore, policy } = method.put(Program.zeros(method.specs(sizes), method.names(sizes)), sizes, exploration)
    return explore ?? policy
  } catch (error) {
    if (error instanceof BadPolicy) return `reinforcement.exploration: ${error.message}`
    throw error
  }
}

/**
 * Why a method cannot be reinforced so on such problems, in a sentence, or null: its estimator cannot use what explores, or
 * there are no chains to go over.
 */
export const refusalOfRounds = (
  method: Method,
  { exploration, term: { estimator, replay } }: Reinforced,
  sizes: ModelSizes,
  train: ReadonlyArray<Pick<Problem, "steps">>
): string | null => {
  const explorer = explorerOf(method, sizes, exploration)
  if (typeof explorer === "string") return explorer
  const refusal = estimator.refusal(explorer)
  if (refusal !== null) return refusal
  return replay.chains > 0 && train.every(({ steps }) => steps.length === 0)
    ? `a replay of ${replay.chains} chains needs training questions with their chains, and none of ${train.length} has one; expected reinforcement.replay to be none`
    : null
}

/** What of an entropy that is to count is not known, in a sentence; null where all of it is, or none counts. */
export const unknownEntropy = (
  method: Method,
  { exploration, term: { entropy, estimator } }: Reinforced,
  sizes: ModelSizes
): string | null => {
  if (entropy === 0) return null
  if (estimator.keeps === "noise")
    return "the entropy that counts is that of stops and symbols alone: latents are no actions of this estimator"
  const model = method.put(Program.zeros(method.specs(sizes), method.names(sizes)), sizes, exploration)
  const policy = model.explore ?? model.policy
  const hidden: Tensor.Tensor<[1, "width"]> = Tensor.zeros([1, named("width", sizes.width)])
  return policy.dist<[1]>(hidden).entropy === undefined
    ? `the entropy that counts is that of stops and symbols alone: the policy "${policy.name}" does not say that of its latents`
    : null
}
