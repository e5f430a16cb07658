/** More supervised training of a trained model, an update at a time. */
import { type Device, type Program, Resident } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import type { Phase } from "../layout/layout.ts"
import { hold } from "../method/held.ts"
import { fromSeed, type Key } from "../random/key.ts"
import { type Watching, watching } from "../rollout/watching.ts"
import { UnknownSymbol } from "../text/tokenizer.ts"
import { adamw } from "../train/optimiser.ts"
import type { TooLarge } from "../train/plan.ts"
import { type UpdateError, updating } from "../train/supervised.ts"
import { workOf } from "../train/work.ts"
import { checkUse } from "./ask.ts"
import { OtherModel } from "./huggingFace.ts"
import type { SavedModel } from "./model.ts"

/** How a model is trained further. */
export interface FinetuneOptions {
  /** Chains of an update; 64 unless given. */
  readonly batch?: number
  readonly learningRate?: number
  /** Updates over which the learning rate rises; none unless given. */
  readonly warmup?: number
  /** Questions that are watched at a time; one unless given. */
  readonly watched?: number
  readonly key?: Key
}

/** A model that is trained further. */
export interface Finetuning {
  /** One more update on the chains; gives its figures. */
  readonly learn: Effect.Effect<Readonly<Record<string, number>>, UpdateError>
  /** Multiplications by parameters that an update takes. */
  readonly work: number
  /** Everything as it was before anything was learnt. */
  readonly forget: Effect.Effect<void, Program.ProgramError>
  /** The model as it is now, watched. */
  readonly watch: Watching
}

/** Fails with `UnknownSymbol` where a closed vocabulary cannot say a problem or its chain. */
const checkSaid = (
  { tokenizer }: SavedModel,
  problems: ReadonlyArray<Problem<"train">>
): Effect.Effect<void, UnknownSymbol> =>
  Effect.try({
    try: () => {
      for (const { answer, question, steps } of problems)
        for (const text of [question, ...steps, answer]) tokenizer.encode(text)
    },
    catch: (error) => {
      if (error instanceof UnknownSymbol) return error
      throw error
    }
  })

/** No end of updates, as far as a run may have one. */
const endless = 2 ** 31

/**
 * A trained model that is trained further on problems with their chains, in the last phase of its method, on the device until
 * the scope closes. Fails with `OtherModel` where there are no problems, with `UnknownSymbol` for one that its vocabulary cannot say,
 * and as `Model.answering`.
 *
 * @example
 * const chain = { question: "1 + 2", steps: ["1 + 2 = 3"], answer: "3" }
 * const { forget, learn } = yield* Model.finetune(untrained, [chain], { batch: 2 })
 * const first = yield* learn
 * const second = yield* learn
 * first["total"] > second["total"] // => true
 * yield* forget
 * (yield* learn)["total"] === first["total"] // => true
 * yield* Model.finetune(untrained, [])
 * // fails not a model for this program: expected problems to train SIM-CoT on, found none
 */
export const finetune = Effect.fnUntraced(function* (
  model: SavedModel,
  problems: ReadonlyArray<Problem<"train">>,
  { batch = 64, key = fromSeed(0), learningRate = 5e-4, warmup = 0, watched = 1 }: FinetuneOptions = {}
): Effect.fn.Return<
  Finetuning,
  OtherModel | Program.ProgramError | TooLarge | UnknownSymbol,
  Device.Device | Scope.Scope
> {
  const { method, parameters, sizes } = model
  if (problems.length === 0)
    return yield* new OtherModel({ reason: `expected problems to train ${method.name} on, found none` })
  yield* checkSaid(model, problems)
  const wording = yield* checkUse(model, batch, true)
  const { language, tokenizer } = wording
  const longest = (lengthOf: (steps: ReadonlyArray<string>) => number) =>
    problems.reduce((most, { steps }) => Math.max(most, lengthOf(steps)), 1)
  const maxSteps = Math.min(
    longest((steps) => steps.length),
    method.layout.thinks ? wording.maxSteps : Number.POSITIVE_INFINITY
  )
  const phases = method.layout.phases({
    maxSteps,
    warmStart: 0,
    perStage: 1,
    final: 1,
    chainSymbols: longest((steps) => steps.reduce((sum, step) => sum + tokenizer.encode(step).length + 1, 0))
  })
  const last: Phase = { ...phases.at(-1)!, updates: endless }
  const optimiser = adamw({ learningRate, weightDecay: 0, clipNorm: 1, warmup })
  const held = yield* hold(method, sizes, parameters, optimiser, { frozen: method.frozen })
  const services = yield* Effect.context<Device.Device | Scope.Scope>()
  const update = updating(held, {
    tokenizer,
    language,
    problems,
    phases: [last],
    batch,
    perStep: wording.perStep,
    maxSteps,
    context: wording.context - (wording.pace ?? 1) + 1,
    key
  })
  const initial = yield* Resident.get(held.state)
  let made = 0
  return {
    learn: Effect.suspend(() => Effect.provide(update(made++), services)).pipe(Effect.map(({ figures }) => figures)),
    work: batch * workOf(method, parameters, wording).chain(last.latentSteps),
    forget: Effect.suspend(() => {
      made = 0
      return Resident.set(held.state, initial)
    }),
    watch: yield* watching(held, wording, watched)
  }
})
