/** The small models that are trained already, and questions that they have not seen. */
import { Key, Method, Methods, Model, Stop, type Task } from "@noema/atp"
import { type Device, type Dim, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { join } from "node:path"
import { task } from "./settings.ts"
import { packageFolder } from "../place.ts"

/** What goes wrong, in a sentence. */
export interface Failed {
  readonly message: string
}

/**
 * A model by name. Both answer nearly all questions; the answers of one come from what it thinks, and those of the other do not.
 */
export const thinker = (name: "thinks" | "decorates"): Effect.Effect<Model.Trained, Failed, FileSystem.FileSystem> =>
  Effect.map(Model.load(join(packageFolder, "thinker", name)), (model) => ({ ...model, language: task.language }))

const opened = (wanted: Partial<Record<"heldOut" | "rl" | "train", number>>) =>
  task.open({ train: 1, rl: 1, heldOut: 1, context: 32, groupSymbols: 8, vocabulary: 64, ...wanted }, Key.fromSeed(1))

/** So many questions that no model has seen, always the same. */
export const newQuestions = (count: number) =>
  Effect.map(opened({ heldOut: count }), ({ tests }) => tests.find(([name]) => name === "id")![1])

/** So many questions to be reinforced on, always the same. */
export const practiceQuestions = (count: number) => Effect.map(opened({ rl: count }), ({ rl }) => rl)

/** So many questions like those that models have learnt from, to fit something on, always the same; no new one is among them. */
export const fittingQuestions = (count: number) => Effect.map(opened({ train: count }), ({ train }) => train)

/** A rule that stops before the latent of such a number, counted from 0: there are that many. */
export const stopAfter = (latents: number): Stop.StopRule =>
  Stop.watching(`after ${latents}`, <B extends Dim>() => {
    const seen =
      (count: number): Stop.Watching<B> =>
      ({ latent }) => ({
        stops: Tensor.ge(Tensor.full([Tensor.dim(latent, 0)], count), latents),
        next: seen(count + 1)
      })
    return seen(0)
  })

/** The model that thinks with another rule in place of the one that it has learnt. */
const withRule = (model: Model.Trained, stop: Stop.StopRule): Model.Trained => ({
  ...model,
  method: Method.variant(Methods.atpLatentGrounded, {
    name: `${model.method.name}, ${stop.name}`,
    summary: "stops by another rule than it has learnt",
    stop: () => stop
  })
})

/** Attempts of a model at questions, at its likeliest; of the one that thinks by another rule to stop, if that is given. */
export const attemptsOf = Effect.fnUntraced(function* (
  model: Model.Trained,
  questions: ReadonlyArray<Task.Problem>,
  stop: Stop.StopRule | null = null
): Effect.fn.Return<ReadonlyArray<Model.Rollout>, Failed, Device.Device | Scope.Scope> {
  const asked = stop === null ? model : withRule(model, stop)
  const generator = yield* Model.answering(asked, { questions: 50, keepLatents: true })
  return yield* generator.run(questions, Key.fromSeed(2))
})
