/** Finished models: what of a run goes into one, and how one is asked. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { equations } from "../data/equation.ts"
import { methodNames, methods } from "../methods/registry.ts"
import type { Device, Program } from "@noema/tensor"
import { type Generator, generator } from "../rollout/generate.ts"
import { wordingOf } from "../train/experiment.ts"
import { type Held, hold, parametersOf } from "../method/held.ts"
import type { RunContext } from "../train/pipeline.ts"
import { checkFits, type TooLarge } from "../train/plan.ts"
import { OtherModel } from "../saved/huggingFace.ts"
import { countOf } from "../weights/tree.ts"
import { methodNamed, type SavedModel } from "../saved/model.ts"

/** The model of a stage, with what it takes to ask it. */
export const finished = (
  { experiment }: Pick<RunContext, "experiment">,
  held: Held
): Effect.Effect<SavedModel, Device.DeviceError> =>
  Effect.map(parametersOf(held), (parameters) => {
    const { context, maxSteps, perStep, stepSymbols, textSymbols, tokenizer } = wordingOf(experiment, held.method)
    const method = methodNames.find((each) => methods[each].name === held.method.name)!
    return {
      parameters,
      sizes: held.sizes,
      tokenizer,
      use: { method, perStep, maxSteps, context, stepSymbols, textSymbols }
    }
  })

/** A generator of one answer at a time. Fails with `OtherModel` for a model that does not say how it is used. */
export const generatorOfSaved = (
  folder: string,
  { parameters, sizes, tokenizer, use }: SavedModel
): Effect.Effect<
  { readonly generator: Generator; readonly perStep: number },
  OtherModel | Program.ProgramError | TooLarge,
  Device.Device | Scope.Scope
> =>
  Effect.gen(function* () {
    if (use === undefined) return yield* new OtherModel({ reason: `${folder} does not say by which method it reasons` })
    const method = yield* methodNamed(use.method)
    const latents = use.maxSteps * use.perStep
    yield* checkFits({
      sizes,
      parameters: countOf(parameters),
      rows: 1,
      rowsOf: "a question and its answer",
      positions: use.context + latents + use.textSymbols,
      latents,
      learns: false
    })
    const held = yield* hold(method, sizes, parameters)
    const made = yield* generator(
      held,
      { ...use, tokenizer, language: equations },
      { latents: "mean", stops: "likely", answers: "greedy", questions: 1, texts: "greedy" }
    )
    return { generator: made, perStep: use.perStep }
  })
