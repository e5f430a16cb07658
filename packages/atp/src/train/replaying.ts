/** Chains that a model was trained on, gone over again while it is reinforced. */
import { Optimiser, valueAndGradWith } from "@noema/autodiff"
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Phase } from "../layout/layout.ts"
import type { NothingForTerm, QuestionTooLong } from "../layout/pack.ts"
import { type Held, modelOf, nextState } from "../method/held.ts"
import type { Method, Put } from "../method/method.ts"
import { derive, type Key, words } from "../random/key.ts"
import { asBatch, batchOf, chainSpecs, type HostBatch, packAll, type Packing, supervisedLoss } from "./batches.ts"
import { figuresOf } from "./figures.ts"
import { rowsOf } from "./rows.ts"

/** The chains there are, and the phase of training that they are gone over in. */
export interface ReplayOptions extends Packing {
  readonly phase: Phase
  readonly perStep: number
  readonly key: Key
}

/** Chains and the noise their latents are drawn with: one, or none where nothing is gone over. */
export const replaySpecs = { chains: chainSpecs, key: Program.spec([2], "i32") } as const

/** The same on the host. */
export interface HostReplay {
  readonly chains: HostBatch
  readonly key: Int32Array
}

/** The chains of each update, numbered from 0: all of them in turn, in an order that depends on the key and the epoch. */
export const replayOf = (
  method: Method,
  options: ReplayOptions,
  chains: number
): Effect.Effect<(update: number) => HostReplay, NothingForTerm | QuestionTooLong> =>
  Effect.map(packAll(method, options, options.phase), ({ lengths, packed }) => {
    const rowsAt = rowsOf(derive(options.key, "chains"), packed.length, chains)
    return (update) => ({
      chains: batchOf(
        rowsAt(update).map((row) => packed[row]!),
        lengths,
        options.phase
      ),
      key: words(derive(options.key, "noise", update))
    })
  })

/** The supervised loss of chains that are gone over, in all and by term. */
export const replayLoss = (
  model: Put,
  { chains, key }: Program.TensorsOf<typeof replaySpecs>,
  { perStep, phase }: Pick<ReplayOptions, "perStep" | "phase">
): { readonly total: Tensor.Tensor<[]>; readonly figures: Readonly<Record<string, Tensor.Tensor<[]>>> } => {
  const { terms, total } = supervisedLoss(model, asBatch(chains), phase, perStep, key)
  const named = Object.entries(terms).map(([name, loss]) => [`replay/${name}`, loss] as const)
  return { total, figures: { replay: total, ...Object.fromEntries(named) } }
}

/** Goes over the chains of an update and does nothing else; gives its figures. */
export type Replaying = (
  update: number,
  round: number
) => Effect.Effect<Readonly<Record<string, number>>, Program.ProgramError | Optimiser.NonFinite>

/** The control of reinforcement that reinforces nothing: the same chains, and no attempt. */
export const replaying = Effect.fnUntraced(function* (
  held: Held,
  options: ReplayOptions,
  chains: number
): Effect.fn.Return<Replaying, NothingForTerm | Program.ProgramError | QuestionTooLong, Device.Device | Scope.Scope> {
  const at = yield* replayOf(held.method, options, chains)
  const program = yield* Program.make(
    (state, replay) => {
      const loss = (trainable: Program.AnyTensors) => {
        const { figures, total } = replayLoss(modelOf(held, { trainable, frozen: state.frozen }), replay, options)
        return [total, { loss: total, ...figures }] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    replaySpecs
  )
  return (update, round) =>
    Effect.flatMap(Program.update(program, held.state, at(update)), (measured) => figuresOf(measured, round, held))
})
