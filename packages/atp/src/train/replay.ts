/** Attempts as programs take them: their actions, what these were worth when they were taken, and updates on them. */
import { Optimiser } from "@noema/autodiff"
import { type Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { gradientWith } from "../nn/gradient.ts"
import { type Compiled, compiled, type GivenAll, type Updating, updating } from "../nn/program.ts"
import { modelOf, type Reasoner } from "../nn/reasoner.ts"
import type { Rollout, Trained } from "../reasoning/generate.ts"
import { packQuestion, padded } from "../reasoning/layout.ts"
import type { PolicyTerm } from "../reasoning/method.ts"
import { type ByKind, type PolicyLoss, policyLoss, type Replay, score } from "../reasoning/policyGradient.ts"
import { atStep, type Credited } from "../reinforce/credit.ts"
import { type HeldModel, nextState, type TrainState } from "./state.ts"

type ReplayArguments = readonly [question: Integers, latents: Reals, used: Integers, tail: Integers]

/** Log-probabilities of the actions under the policy that took them, and under the reference, if there is one. */
interface Old {
  readonly before: ByKind
  readonly reference: ByKind | Record<never, never>
}

/** Rows of a replay on the host, in the order the programs take them. */
export const batchOf = (
  trained: Trained,
  rollouts: ReadonlyArray<Rollout>,
  rows: ReadonlyArray<number>,
  tailLength: number
): GivenAll<ReplayArguments> => {
  const { context, maxSteps, perStep, sizes, tokenizer } = trained
  const width = sizes.backbone.width
  const count = maxSteps * perStep
  const chosen = rows.map((row) => rollouts[row]!)
  const latents = new Float32Array(rows.length * count * width)
  chosen.forEach(({ thoughts }, i) => latents.set(thoughts, i * count * width))
  return [
    padded(
      chosen.map(({ problem }) => packQuestion(tokenizer, problem, context)),
      context,
      "left"
    ),
    { shape: [rows.length, count, width], data: latents },
    Int32Array.from(chosen, ({ latents }) => latents.count),
    padded(
      chosen.map(({ tail }) => tail),
      tailLength,
      "right"
    )
  ]
}

const replaySpecs = ({ context, maxSteps, perStep, sizes }: Trained, minibatch: number, tailLength: number) =>
  [
    Program.spec([minibatch, context], "i32"),
    Program.spec([minibatch, maxSteps * perStep, sizes.backbone.width]),
    Program.spec([minibatch], "i32"),
    Program.spec([minibatch, tailLength], "i32")
  ] as const

const replayOf = ([question, latents, used, tail]: ReplayArguments): Replay => ({ question, latents, used, tail })

/** What a minibatch is learnt from, beside its actions. */
interface Judgement {
  readonly latent: Reals
  readonly written: Reals
  readonly kept: Reals
}

/** The programs of a round: what actions were worth before it, its updates, and one that learns nothing. */
export const programs = Effect.fnUntraced(function* (
  held: HeldModel,
  { minibatch, term, trained }: { readonly minibatch: number; readonly term: PolicyTerm; readonly trained: Trained },
  tailLength: number
): Effect.fn.Return<
  {
    readonly before: Compiled<readonly [TrainState, ...ReplayArguments], Old>
    readonly update: Updating<
      TrainState,
      readonly [...ReplayArguments, old: Old, judgement: Judgement],
      Optimiser.Vitals<PolicyLoss>
    >
    /** An update in which nothing is learnt: it is counted, so that a run which goes on knows where it was. */
    readonly pass: Updating<TrainState, readonly [], { readonly updates: Reals }>
  },
  never,
  Device.Device | Scope.Scope
> {
  const { method, perStep, sizes } = trained
  const { coordinates } = term.reduce
  const parts = { policy: term.policy, stop: method.stop, coordinates, perStep }
  const specs = replaySpecs(trained, minibatch, tailLength)
  const latents = trained.maxSteps * perStep
  const components = coordinates.components(sizes.backbone.width, method.stop.logits !== null)
  const byKind = {
    latent: Program.spec([minibatch, latents, components]),
    written: Program.spec([minibatch, tailLength])
  }
  const compares = term.reference.decay !== null
  const before = yield* compiled(
    (state: TrainState, ...replay: ReplayArguments): Old => {
      const scored = (trainable: Partial<Reasoner<Reals>>): ByKind => {
        const { latent, written } = score(modelOf({ trainable, frozen: state.frozen }), sizes, parts, replayOf(replay))
        return { latent, written }
      }
      return { before: scored(state.trainable), reference: compares ? scored(state.reference) : {} }
    },
    held.specs,
    ...specs
  )
  const update = yield* updating(
    (
      state: TrainState,
      question: Integers,
      latents: Reals,
      used: Integers,
      tail: Integers,
      { before, reference }: Old,
      { kept, latent, written }: Judgement
    ) => {
      const loss = (trainable: Partial<Reasoner<Reals>>) => {
        const model = modelOf({ trainable, frozen: state.frozen })
        const replay = { question, latents, used, tail }
        const result = policyLoss(model, sizes, parts, term, replay, {
          before,
          reference: "latent" in reference ? reference : null,
          advantage: { latent, written },
          kept
        })
        return [result.loss, result] as const
      }
      const { gradient, report } = gradientWith(loss)(state.trainable)
      const next = nextState(state, held.optimiser, gradient, term.reference.decay ?? 1)
      return [next, Optimiser.vitals(report, gradient)]
    },
    held.specs,
    ...specs,
    { before: byKind, reference: compares ? byKind : {} },
    {
      latent: Program.spec([minibatch, latents]),
      written: Program.spec([minibatch]),
      kept: Program.spec([minibatch])
    }
  )
  const pass = yield* updating((state: TrainState) => {
    const updates = g.add(state.updates, 1)
    return [{ ...state, updates }, { updates }]
  }, held.specs)
  return { before, pass, update }
})

/** Advantages of a minibatch, as its update takes them. */
export const judgementOf = (
  { maxSteps, perStep }: Trained,
  rows: ReadonlyArray<Credited | null>
): GivenAll<[Judgement]>[0] => {
  const latents = maxSteps * perStep
  return {
    latent: {
      shape: [rows.length, latents],
      data: Float32Array.from({ length: rows.length * latents }, (_, i) => {
        const row = rows[Math.floor(i / latents)]!
        return row === null ? 0 : atStep(row, Math.floor((i % latents) / perStep))
      })
    },
    written: Float32Array.from(rows, (row) => row?.written ?? 0),
    kept: Float32Array.from(rows, (row) => Number(row !== null))
  }
}
