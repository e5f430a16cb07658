/** The supervised stage: a stream of reports, one per update. */
import { Optimiser, valueAndGradWith } from "@noema/autodiff"
import { type Device, Program, Random, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Problem, StepLanguage } from "../data/problem.ts"
import type { Phase } from "../layout/layout.ts"
import {
  donorsOf,
  type Lengths,
  lengthsOf,
  NothingForTerm,
  pack,
  type Packed,
  padded,
  QuestionTooLong
} from "../layout/pack.ts"
import type { Method } from "../method/method.ts"
import { objectiveOf } from "../objective/objective.ts"
import { think } from "../objective/think.ts"
import { derive, draws, type Key, words } from "../random/key.ts"
import { special, type Tokenizer } from "../text/tokenizer.ts"
import { type Held, modelOf, nextState } from "../method/held.ts"

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
export interface SupervisedOptions {
  readonly tokenizer: Tokenizer
  readonly language: StepLanguage
  readonly problems: ReadonlyArray<Problem<"train">>
  readonly phases: ReadonlyArray<Phase>
  readonly batch: number
  readonly perStep: number
  readonly maxSteps: number
  readonly context: number
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

/**
 * The rows of updates: every problem once per epoch, in an order that depends on the key and the epoch alone. A run that
 * resumes at any update sees the same rows.
 */
export const rowsOf = (key: Key, problems: number, batch: number): ((update: number) => ReadonlyArray<number>) => {
  // Shuffling costs a tenth of an update, and all updates of an epoch share it.
  let epoch = -1
  let order: ReadonlyArray<number> = []
  const at = (place: number): number => {
    const needed = Math.floor(place / problems)
    if (needed !== epoch) {
      epoch = needed
      order = draws(derive(key, "order", epoch)).shuffle(Array.from({ length: problems }, (_, i) => i))
    }
    return order[place % problems]!
  }
  return (update) => Array.from({ length: batch }, (_, i) => at(update * batch + i))
}

/** The program of one update in a phase. */
const updateProgram = (held: Held, { latentSteps }: Phase, perStep: number) =>
  Program.make(
    (state, question, tail, groups, needed, results, donor, written, key) => {
      const loss = (trainable: Program.AnyTensors) => {
        const model = modelOf(held, { trainable, frozen: state.frozen })
        const batch = { question, tail, groups, needed, results, donor, written }
        const happened = think(model, batch, { latentSteps, perStep }, (dist, t) =>
          dist.at(Random.normalLike(Random.foldIn(key, t), dist.mode))
        )
        const { terms, total } = objectiveOf(model, happened)
        return [total, { total, ...terms }] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    spec(["batch", "question"], "i32"),
    spec(["batch", "tail"], "i32"),
    spec(["batch", "steps", "symbols"], "i32"),
    spec(["batch"], "i32"),
    spec(["batch", "steps"], "i32"),
    spec(["batch"], "i32"),
    spec(["batch", "written"], "i32"),
    spec([2], "i32")
  )

/** Packs all problems; a question that does not fit is a failure, and so is a term that finds nothing to hold on to. */
const packAll = Effect.fnUntraced(function* (
  method: Method,
  { context, language, maxSteps, problems, tokenizer }: SupervisedOptions,
  phase: Phase
): Effect.fn.Return<ReadonlyArray<Packed>, NothingForTerm | QuestionTooLong> {
  const { spare } = method.layout
  const packed = yield* Effect.try({
    try: () => problems.map((problem) => pack(tokenizer, problem, phase, { context, maxSteps, spare, language })),
    catch: (error) => {
      if (error instanceof QuestionTooLong) return error
      throw error
    }
  })
  const term = method.terms.find(({ needs }) => needs === "results")
  const isThere = packed.some(({ results }) => results.some((result) => result !== special("<pad>")))
  if (term !== undefined && phase.latentSteps > 0 && !isThere) return yield* new NothingForTerm({ term: term.name })
  return packed
})

/** The figures of an update by name; fails with `NonFinite` where a loss or the gradient is not finite. */
export const figuresOf = Effect.fnUntraced(function* (
  measured: Program.HostOf<Optimiser.Vitals<Readonly<Record<string, Tensor.Tensor<[]>>>>>,
  update: number,
  held: Held
): Effect.fn.Return<Readonly<Record<string, number>>, Optimiser.NonFinite> {
  yield* Optimiser.refuseNonFinite(measured, { step: update, params: held.specs.trainable })
  const { loss, norm } = measured
  return Object.fromEntries(Object.entries({ ...loss, norm }).map(([name, { data }]) => [name, data[0]!]))
})

/**
 * Trains through the phases, from update `from`: one report per update, as it is made. Pulling less of the stream makes
 * fewer updates; the model on the device is always that of the last report.
 */
export const supervised = (
  held: Held,
  options: SupervisedOptions,
  from = 0
): Stream.Stream<
  StepReport,
  Program.ProgramError | NothingForTerm | QuestionTooLong | Optimiser.NonFinite,
  Device.Device | Scope.Scope
> => {
  const { batch, key, perStep, phases, problems } = options
  const { method } = held
  const total = totalUpdates(phases)
  const rowsAt = rowsOf(key, problems.length, batch)
  let ready: {
    readonly phase: number
    readonly packed: ReadonlyArray<Packed>
    readonly lengths: Lengths
    readonly run: Effect.Success<ReturnType<typeof updateProgram>>
  } | null = null
  const make = Effect.fnUntraced(function* (index: number) {
    if (ready?.phase === index) return ready
    const phase = phases[index]!
    const packed = yield* packAll(method, options, phase)
    const lengths = lengthsOf(packed)
    const run = yield* updateProgram(held, phase, perStep)
    return (ready = { phase: index, packed, lengths, run })
  })
  const step = Effect.fnUntraced(function* (update: number) {
    const index = phaseAt(phases, update)
    const { lengths, packed, run } = yield* make(index)
    const rows = rowsAt(update).map((row) => packed[row]!)
    const groups = Math.max(1, phases[index]!.latentSteps)
    const result = yield* Program.update(
      run,
      held.state,
      padded(
        rows.map(({ question }) => question),
        lengths.question,
        "left"
      ),
      padded(
        rows.map(({ tail }) => tail),
        lengths.tail,
        "right"
      ),
      {
        ...padded(
          rows.flatMap((row) => (row.groups.length === 0 ? [[]] : row.groups)),
          lengths.group,
          "right"
        ),
        shape: [batch, groups, lengths.group]
      },
      Int32Array.from(rows, ({ needed }) => needed),
      padded(
        rows.map(({ results }) => results),
        groups,
        "right"
      ),
      Int32Array.from(donorsOf(rows)),
      padded(
        rows.map(({ written }) => written),
        lengths.written,
        "right"
      ),
      words(derive(key, "noise", update))
    )
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
  })
  // An update that has begun is finished and counted.
  return from >= total
    ? Stream.empty
    : Stream.mapEffect(Stream.range(from, total - 1), (update) => Effect.uninterruptible(step(update)))
}
