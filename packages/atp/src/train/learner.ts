/** The updates of a round: probabilities of its actions before them, then a step along the policy gradient for each minibatch. */
import { Optimiser, valueAndGradWith } from "@noema/autodiff"
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Held, type HeldTensors, modelOf, nextState } from "../method/held.ts"
import type { Reinforced } from "../method/method.ts"
import type { Model } from "../model/model.ts"
import type { AnyPolicy } from "../policy/policy.ts"
import { answerLoss, type ByKind, byKind, policyLoss } from "../reinforce/loss.ts"
import type { Acted } from "../rollout/gather.ts"
import { type Actions, askedSpec, type Judged, judgementSpec, storedOf } from "./minibatch.ts"
import { figuresOf } from "./figures.ts"
import { type HostReplay, replayLoss, type ReplayOptions, replaySpecs } from "./replaying.ts"

const { spec } = Program

const kinds = (speaks: boolean) => ({
  latent: spec(["batch", "latents", "components"]),
  written: spec(["batch", "time", 1]),
  texts: speaks ? [spec(["batch", "steps*spoken", 1])] : []
})
/** Log-probabilities that are given or not: one tree or none. */
type Given = ReadonlyArray<ReturnType<typeof kinds>>

const oneReplay: ReadonlyArray<typeof replaySpecs> = [replaySpecs]
const noReplay: typeof oneReplay = []

const first = (given: ReadonlyArray<ByKind>): ByKind | null => given[0] ?? null

/** What rollouts of a model draw from while it is reinforced. */
export const explorerOf = ({ explore, policy }: Model): AnyPolicy => {
  if (explore === null)
    throw new TypeError(`expected a method that can be reinforced, found one that draws ${policy.name}`)
  return explore
}

/** A minibatch: its actions, and what they are credited with; null where nothing is learnt from any of them. */
export interface Minibatch {
  readonly actions: Actions
  readonly judged: Judged | null
  /** Chains that are gone over beside it: one batch, or none. */
  readonly replay: ReadonlyArray<HostReplay>
}

/** Makes the updates of a round and gives the means of their figures; `round` counts from 1. */
export type Learner = (
  batches: ReadonlyArray<Minibatch>,
  round: number
) => Effect.Effect<Readonly<Record<string, number>>, Program.ProgramError | Optimiser.NonFinite>

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** What is made likelier: what attempts did, as far as it is credited, or the right answers to their questions. */
export type Target = "answers" | "attempts"

/** How a round is learnt from. */
export interface LearnerOptions {
  /** Whether a round has several updates, so that the policy is not always the one that acted. */
  readonly several: boolean
  /** How chains are gone over beside the policy gradient; null where none are. */
  readonly replay: Pick<ReplayOptions, "perStep" | "phase"> | null
  readonly target: Target
}

/** What learns from attempts. */
export const learner = Effect.fnUntraced(function* (
  held: Held,
  { exploration, term }: Reinforced,
  perStep: number,
  acted: Acted,
  { replay, several, target }: LearnerOptions
): Effect.fn.Return<Learner, Program.ProgramError, Device.Device | Scope.Scope> {
  const explorer = (tensors: Pick<HeldTensors, "frozen" | "trainable">) => {
    const model = held.method.put({ ...tensors.trainable, ...tensors.frozen }, held.sizes, exploration)
    return { model, policy: explorerOf(model) }
  }
  const compares = term.reference.decay !== null
  const actions = [acted.specs, spec(["batch"], "i32"), askedSpec] as const
  const given = kinds(term.estimator.texts === "sampled" && held.method.speaks)
  const old: { readonly before: Given; readonly reference: Given } = {
    before: several ? [given] : [],
    reference: compares ? [given] : []
  }
  const before = yield* Program.make(
    (state, rolled, rows, asked) => {
      const stored = storedOf(rolled, rows, asked)
      const under = (trainable: Program.AnyTensors): ByKind => {
        const { model, policy } = explorer({ trainable, frozen: state.frozen })
        return byKind(term.estimator.chances(model, policy, perStep, term.reduce.coordinates, stored))
      }
      return {
        before: several ? [under(state.trainable)] : [],
        reference: compares ? [under(state.reference)] : []
      }
    },
    held.specs,
    ...actions
  )
  const update = yield* Program.make(
    (state, rolled, rows, asked, { before, reference }, { kept, ...advantage }, [chains]) => {
      const loss = (trainable: Program.AnyTensors) => {
        const { model, policy } = explorer({ trainable, frozen: state.frozen })
        const stored = storedOf(rolled, rows, asked)
        const judgement = { before: first(before), reference: first(reference), advantage, kept }
        const parts =
          target === "attempts"
            ? policyLoss(model, policy, perStep, term, stored, judgement)
            : answerLoss(model, policy, perStep, term, stored)
        if (chains === undefined || replay === null) return [parts.loss, parts] as const
        // The method's own policy, which explores nothing.
        const { figures, total } = replayLoss(modelOf(held, { trainable, frozen: state.frozen }), chains, replay)
        const loss = Tensor.add(Tensor.mul(parts.loss, term.replay.weight), total)
        return [loss, { ...parts, ...figures, loss }] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      const next = nextState(state, held.optimiser, gradient, term.reference.decay ?? 1)
      return [next, Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    ...actions,
    old,
    judgementSpec,
    replay === null ? noReplay : oneReplay
  )
  /** An update in which nothing is learnt: it is counted, so that a run which goes on knows where it was. */
  const pass = yield* Program.make((state) => {
    const updates = Tensor.add(state.updates, 1)
    return [{ ...state, updates }, updates] as const
  }, held.specs)

  const learn: Learner = Effect.fnUntraced(function* (batches, round) {
    // All old probabilities come from the policy that acted, so before the first update.
    const probabilities = yield* Effect.forEach(batches, ({ actions }) =>
      several || compares ? before(held.state, ...actions) : Effect.succeed({ before: [], reference: [] })
    )
    const figures: Array<Readonly<Record<string, number>>> = []
    for (const [i, { actions, judged, replay }] of batches.entries()) {
      if (judged === null) {
        yield* Program.update(pass, held.state)
        continue
      }
      const measured = yield* Program.update(update, held.state, ...actions, probabilities[i]!, judged, replay)
      figures.push(yield* figuresOf(measured, round, held))
    }
    return Object.fromEntries(
      Object.keys(figures[0] ?? {}).map((name) => [name, mean(figures.map((each) => each[name]!))])
    )
    // Updates that have begun are all made: they share one set of rollouts.
  }, Effect.uninterruptible)
  return learn
})
