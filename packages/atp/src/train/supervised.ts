/** The supervised stage: a stream of reports, one per update. */
import { Optimiser, valueAndGradWith } from "@noema/autodiff"
import { type Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Form, Phase } from "../layout/layout.ts"
import type { NothingForTerm, QuestionTooLong } from "../layout/pack.ts"
import { type Held, learningIn, modelOf, nextState } from "../method/held.ts"
import { derive, type Key, words } from "../random/key.ts"
import { asBatch, batchesOf, chainSpecs, type Packing, supervisedLoss } from "./batches.ts"
import { figuresOf } from "./figures.ts"
import { rowsOf } from "./rows.ts"

const { spec } = Program

/** One update of a training stage: its number, its phase, and figures by name. */
export interface StepReport {
  readonly stage: "supervised" | "reinforcement"
  readonly method: string
  /** Updates made, this one included. */
  readonly update: number
  readonly of: number
  readonly phase: string
  readonly figures: { readonly [name: string]: number }
}

/** What the supervised stage needs to know. */
export interface SupervisedOptions extends Packing {
  readonly phases: ReadonlyArray<Phase>
  readonly batch: number
  readonly perStep: number
  readonly key: Key
}

/** Updates of all phases. */
export const totalUpdates = (phases: ReadonlyArray<Phase>): number =>
  phases.reduce((sum, { updates }) => sum + updates, 0)

/** The phase that update number `update` (from 0) belongs to. */
export const phaseAt = (phases: ReadonlyArray<Phase>, update: number): number => {
  let before = 0
  return phases.findIndex(({ updates }) => (before += updates) > update)
}

/** The program of one update on a batch of some form, of the parts that learn in a phase. */
const updateProgram = (held: Held, phase: Pick<Phase, "learns">, form: Form, perStep: number) =>
  Program.make(
    (state, chains, key) => {
      const { learning, still } = learningIn(phase, state.trainable)
      const loss = (learning: Program.AnyTensors) => {
        const model = modelOf(held, { trainable: { ...still, ...learning }, frozen: state.frozen })
        const { terms, total } = supervisedLoss(model, asBatch(chains), form, perStep, key)
        return [total, { total, ...terms }] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(learning)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    chainSpecs,
    spec([2], "i32")
  )

type UpdateProgram = Effect.Success<ReturnType<typeof updateProgram>>

/** What an update may fail with. */
export type UpdateError = Program.ProgramError | NothingForTerm | QuestionTooLong | Optimiser.NonFinite

/** The updates of all phases by their number, from 0. One that has begun is finished and counted. */
export const updating = (
  held: Held,
  options: SupervisedOptions
): ((update: number) => Effect.Effect<StepReport, UpdateError, Device.Device | Scope.Scope>) => {
  const { batch, key, perStep, phases, problems } = options
  const { method } = held
  const total = totalUpdates(phases)
  const rowsAt = rowsOf(key, problems.length, batch)
  let ready: {
    readonly phase: number
    readonly batchAt: Effect.Success<ReturnType<typeof batchesOf>>
    readonly runs: Map<Form, UpdateProgram>
  } | null = null
  const make = Effect.fnUntraced(function* (index: number) {
    if (ready?.phase === index) return ready
    return (ready = {
      phase: index,
      batchAt: yield* batchesOf(method, options, phases[index]!),
      runs: new Map<Form, UpdateProgram>()
    })
  })
  return Effect.fnUntraced(function* (update: number) {
    const index = phaseAt(phases, update)
    const { batchAt, runs } = yield* make(index)
    const { batch, form } = yield* batchAt(update, rowsAt(update))
    const run = runs.get(form) ?? (yield* updateProgram(held, phases[index]!, form, perStep))
    runs.set(form, run)
    const result = yield* Program.update(run, held.state, batch, words(derive(key, "noise", update)))
    const figures = yield* figuresOf(result, update + 1, held)
    const report: StepReport = {
      stage: "supervised",
      method: method.name,
      update: update + 1,
      of: total,
      phase: phases[index]!.name,
      figures
    }
    return report
  }, Effect.uninterruptible)
}

/**
 * Trains through the phases, from update `from`: one report per update, as it is made. Pulling less of the stream makes
 * fewer updates; the model on the device is always that of the last report.
 */
export const supervised = (
  held: Held,
  options: SupervisedOptions,
  from = 0
): Stream.Stream<StepReport, UpdateError, Device.Device | Scope.Scope> => {
  const total = totalUpdates(options.phases)
  return from >= total ? Stream.empty : Stream.mapEffect(Stream.range(from, total - 1), updating(held, options))
}
