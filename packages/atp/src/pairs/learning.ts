/** Training on attempts: of one side alone, and on pairs against a reference that stays as it is. */
import { Optimiser, stopGradient, valueAndGradWith } from "@noema/autodiff"
import { type Device, Program, Same, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Held, modelOf, nextState } from "../method/held.ts"
import { pairLoss, pairLossByAction } from "../objective/pairLoss.ts"
import type { Preference } from "../objective/preference.ts"
import type { Key } from "../random/key.ts"
import type { Wording } from "../rollout/generate.ts"
import { figuresOf } from "../train/figures.ts"
import { rowsOf } from "../train/rows.ts"
import type { StepReport } from "../train/supervised.ts"
import { byAction, done, type Done, lossOfActions, scoresOf } from "./actions.ts"
import type { Pair, Tried } from "./attempts.ts"
import { asStored, triedOf, triedSpecs } from "./batch.ts"
import type { Side } from "./settings.ts"

const { spec } = Program

/** What learning from attempts needs to know. */
export interface LearningOptions {
  readonly wording: Wording
  readonly updates: number
  /** Attempts, or pairs, of an update. */
  readonly batch: number
  readonly key: Key
}

type Learning = Stream.Stream<StepReport, Program.ProgramError | Optimiser.NonFinite, Device.Device | Scope.Scope>

type Measured = Program.HostOf<Optimiser.Vitals<Readonly<Record<string, Tensor.Tensor<[]>>>>>

/** Updates from number `from` on, each a report. */
const reported = (
  held: Held,
  phase: string,
  { updates }: LearningOptions,
  from: number,
  program: Effect.Effect<
    (update: number) => Effect.Effect<Measured, Program.ProgramError>,
    Program.ProgramError,
    Device.Device | Scope.Scope
  >
): Learning =>
  from >= updates
    ? Stream.empty
    : Stream.unwrap(
        Effect.map(program, (run) => {
          const step = Effect.fnUntraced(function* (at: number) {
            const report: StepReport = {
              stage: "supervised",
              method: held.method.name,
              update: at + 1,
              of: updates,
              phase,
              figures: yield* figuresOf(yield* run(at), at + 1, held)
            }
            return report
          })
          return Stream.mapEffect(Stream.range(from, updates - 1), (at) => Effect.uninterruptible(step(at)))
        })
      )

const sizesOf = ({ sizes }: Held, wording: Wording) => ({ ...wording, width: sizes.width })

/** Goes over attempts of one side, from update `from` on: a model of what is right, or of what is wrong. */
export const critic = (
  held: Held,
  side: Side,
  attempts: ReadonlyArray<Tried>,
  options: LearningOptions,
  from = 0
): Learning => {
  const { batch, key, wording } = options
  const rowsAt = rowsOf(key, attempts.length, batch)
  const program = Program.make(
    (state, told) => {
      const loss = (trainable: Program.AnyTensors) => {
        const own = lossOfActions(
          done(modelOf(held, { trainable, frozen: state.frozen }), wording.perStep, asStored(told))
        )
        return [own, { loss: own }] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    triedSpecs(held.method.layout.thinks)
  )
  const run = Effect.map(
    program,
    (update) => (at: number) =>
      Program.update(
        update,
        held.state,
        triedOf(
          sizesOf(held, wording),
          rowsAt(at).map((row) => attempts[row]!)
        )
      )
  )
  return reported(held, `${side} attempts`, options, from, run)
}

/** How little each action of wrong attempts was to blame, an array for each: what two models of attempts say together. */
export const scoring = Effect.fnUntraced(function* (
  right: Held,
  wrong: Held,
  wording: Wording,
  beta: number,
  together: number
): Effect.fn.Return<
  (attempts: ReadonlyArray<Tried>) => Effect.Effect<ReadonlyArray<Float32Array>, Program.ProgramError>,
  Program.ProgramError,
  Device.Device | Scope.Scope
> {
  const run = yield* Program.make(
    (first, second, told) => {
      const stored = asStored(told)
      const under = (held: Held, tensors: typeof first) => done(modelOf(held, tensors), wording.perStep, stored)
      return scoresOf(under(right, first), under(wrong, second), beta)
    },
    right.specs,
    wrong.specs,
    triedSpecs(right.method.layout.thinks)
  )
  return Effect.fnUntraced(function* (attempts) {
    const all: Array<Float32Array> = []
    for (let start = 0; start < attempts.length; start += together) {
      // A last batch is filled up with its first attempt.
      const rows = Array.from({ length: together }, (_, row) => attempts[start + row] ?? attempts[start]!)
      const { data, sizes } = yield* run(right.state, wrong.state, triedOf(sizesOf(right, wording), rows))
      const count = sizes[1]!
      for (let row = 0; row < Math.min(together, attempts.length - start); row++)
        all.push(Float32Array.from(data.subarray(row * count, (row + 1) * count)))
    }
    return all
  })
})

/** Log-ratios to the reference, 0 where there is no action. */
const ratiosOf = (now: Done, reference: Done): Done["logProb"] =>
  Same.mul(Same.sub(now.logProb, stopGradient(reference.logProb)), now.live)

/**
 * Learns to prefer the right attempt of pairs to the wrong one, from update `from` on, as far as each action of the wrong one
 * was to blame: 1 without scores. The reference is what the stage began with.
 */
export const preferring = (
  held: Held,
  { by, gamma, name }: Preference,
  pairs: ReadonlyArray<Pair>,
  scores: ReadonlyArray<Float32Array> | null,
  options: LearningOptions,
  from = 0
): Learning => {
  const { batch, key, wording } = options
  const rowsAt = rowsOf(key, pairs.length, batch)
  const { maxSteps, perStep, textSymbols } = wording
  // A latent each, the stop where there are latents, and symbols.
  const latents = maxSteps * perStep
  const actions = latents + Number(latents > 0) + textSymbols
  const program = Program.make(
    (state, winners, losers, scores) => {
      const [right, wrong] = [asStored(winners), asStored(losers)]
      const under = (trainable: Program.AnyTensors, stored: typeof right) =>
        done(modelOf(held, { trainable, frozen: state.frozen }), perStep, stored)
      const before = { right: under(state.reference, right), wrong: under(state.reference, wrong) }
      const loss = (trainable: Program.AnyTensors) => {
        const now = { right: under(trainable, right), wrong: under(trainable, wrong) }
        const [up, down] = [ratiosOf(now.right, before.right), ratiosOf(now.wrong, before.wrong)]
        const blamed = byAction(scores)
        const live = Same.maximum(now.right.live, now.wrong.live)
        const each =
          by === "attempt"
            ? pairLoss<["batch"], number, number>(up, down, blamed, gamma)
            : pairLossByAction(up, down, blamed, live, gamma)
        const total = Tensor.mean(each)
        const chosen = Tensor.sum(up, 1)
        const rejected = Tensor.sum(down, 1)
        const preferred = Tensor.mean(Tensor.cast(Tensor.gt(chosen, rejected), "f32"))
        const figures = { loss: total, chosen: Tensor.mean(chosen), rejected: Tensor.mean(rejected), preferred }
        return [total, figures] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    triedSpecs(held.method.layout.thinks),
    triedSpecs(held.method.layout.thinks),
    spec(["batch", "actions"])
  )
  const run = Effect.map(program, (update) => (at: number) => {
    const rows = rowsAt(at)
    const of = (side: Side) =>
      triedOf(
        sizesOf(held, wording),
        rows.map((row) => pairs[row]![side])
      )
    const blamed = new Float32Array(rows.length * actions)
    if (scores !== null) rows.forEach((row, i) => blamed.set(scores[row]!, i * actions))
    return Program.update(update, held.state, of("right"), of("wrong"), {
      shape: [rows.length, actions],
      data: blamed
    })
  })
  return reported(held, name, options, from, run)
}
