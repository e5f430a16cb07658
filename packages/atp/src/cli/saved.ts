/** Finished models: what of a run goes into one, and how one is asked. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { equations } from "../data/equation.ts"
import { quoted } from "../input/shown.ts"
import { methodNames, methods } from "../methods/registry.ts"
import type { DeviceError, DeviceService, ProgramError } from "../nn/program.ts"
import { type Generator, generator } from "../reasoning/generate.ts"
import type { Parts } from "../nn/reasoner.ts"
import type { Method } from "../reasoning/method.ts"
import { trainedBy } from "../train/experiment.ts"
import type { RunContext } from "../train/pipeline.ts"
import { checkFits, type TooLarge } from "../train/plan.ts"
import { currentModel, type HeldModel, holdModel } from "../train/state.ts"
import { OtherModel } from "../saved/huggingFace.ts"
import type { SavedModel } from "../saved/model.ts"

/** The model of a stage, with what it takes to ask it. */
export const finished = (
  { experiment }: Pick<RunContext, "experiment">,
  method: Method,
  held: HeldModel
): Effect.Effect<SavedModel, DeviceError> =>
  Effect.map(currentModel(held), (model) => {
    const { context, maxSteps, perStep, sizes, stepSymbols, textSymbols, tokenizer } = trainedBy(experiment, method)
    const name = methodNames.find((each) => methods[each].name === method.name)!
    return { model, sizes, tokenizer, use: { method: name, perStep, maxSteps, context, stepSymbols, textSymbols } }
  })

/** A generator of one answer at a time. Fails with `OtherModel` for a model that does not say how it is used. */
export const generatorOfSaved = (
  folder: string,
  { model, sizes, tokenizer, use }: SavedModel
): Effect.Effect<
  { readonly generator: Generator; readonly perStep: number },
  OtherModel | ProgramError | TooLarge,
  DeviceService | Scope.Scope
> =>
  Effect.gen(function* () {
    if (use === undefined) return yield* new OtherModel({ reason: `${folder} does not say by which method it reasons` })
    const name = methodNames.find((each) => each === use.method)
    if (name === undefined)
      return yield* new OtherModel({
        reason: `expected a method of ${methodNames.join(", ")}, found ${quoted(use.method)}`
      })
    const parts = Object.entries(methods[name].parts) as ReadonlyArray<[keyof Parts, boolean]>
    const lacking = parts.find(([part, needed]) => needed && model[part] === undefined)
    if (lacking !== undefined)
      return yield* new OtherModel({ reason: `${name} reasons with a ${lacking[0]}, which ${folder} does not hold` })
    const latents = use.maxSteps * use.perStep
    yield* checkFits({
      sizes,
      parts: methods[name].parts,
      rows: 1,
      rowsOf: "a question and its answer",
      positions: use.context + latents + use.textSymbols,
      latents,
      learns: false
    })
    const held = yield* holdModel(model, { learningRate: 0, weightDecay: 0, clipNorm: 1, warmup: 1 })
    const made = yield* generator(
      held.state,
      held.specs,
      { ...use, method: methods[name], sizes, tokenizer, language: equations },
      { latents: "mean", stops: "likely", answers: "greedy", batch: 1, speak: true }
    )
    return { generator: made, perStep: use.perStep }
  })
