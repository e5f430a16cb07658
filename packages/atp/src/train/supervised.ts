/** The supervised stage: a stream of reports, one per update. */
import { Optimiser } from "@noema/autodiff"
import { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Problem } from "../data/problem.ts"
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { gradientWith } from "../nn/gradient.ts"
import { type DeviceService, type ProgramError, updating } from "../nn/program.ts"
import { modelOf, type Reasoner, type ReasonerSizes } from "../nn/reasoner.ts"
import { derive, draws, type Key, words } from "../random/key.ts"
import { type Lengths, lengthsOf, pack, type Packed, padded, type Phase, QuestionTooLong } from "../reasoning/layout.ts"
import type { Method, SupervisedWeights } from "../reasoning/method.ts"
import { supervisedTerms } from "../reasoning/supervised.ts"
import type { Tokenizer } from "../text/tokenizer.ts"
import { type HeldModel, nextState, type TrainState } from "./state.ts"

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
  readonly method: Method
  readonly sizes: ReasonerSizes
  readonly tokenizer: Tokenizer
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

const weighted = (terms: Record<keyof SupervisedWeights, Reals>, weights: SupervisedWeights): Reals =>
  (Object.keys(weights) as ReadonlyArray<keyof SupervisedWeights>)
    .filter((name) => weights[name] !== 0)
    .map((name) => g.mul(terms[name], weights[name]))
    .reduce(g.add)

/** The program of one update in a phase. */
const updateProgram = (held: HeldModel, options: SupervisedOptions, phase: Phase, lengths: Lengths) => {
  const { batch, method, perStep, sizes } = options
  const groups = Math.max(1, phase.latentSteps)
  return updating(
    (state: TrainState, question: Integers, tail: Integers, steps: Integers, needed: Integers, key: Integers) => {
      const parts = { ...method, latentSteps: phase.latentSteps, perStep }
      const loss = (trainable: Partial<Reasoner<Reals>>) => {
        const model = modelOf({ trainable, frozen: state.frozen })
        const terms = supervisedTerms(model, sizes, parts, { question, tail, groups: steps, needed }, key)
        const total = weighted({ ...terms }, method.weights)
        return [total, { total, ...terms }] as const
      }
      const { gradient, report } = gradientWith(loss)(state.trainable)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)]
    },
    held.specs,
    Program.spec([batch, lengths.question], "i32"),
    Program.spec([batch, lengths.tail], "i32"),
    Program.spec([batch, groups, lengths.group], "i32"),
    Program.spec([batch], "i32"),
    Program.spec([2], "i32")
  )
}

/** Packs all problems; a question that does not fit is a failure. */
const packAll = (options: SupervisedOptions, phase: Phase): Effect.Effect<ReadonlyArray<Packed>, QuestionTooLong> =>
  Effect.suspend(() => {
    const { context, maxSteps, method, problems, tokenizer } = options
    const spare = method.speaker?.spare ?? "nothing"
    try {
      return Effect.succeed(problems.map((problem) => pack(tokenizer, problem, phase, { context, maxSteps, spare })))
    } catch (error) {
      return error instanceof QuestionTooLong ? Effect.fail(error) : Effect.die(error)
    }
  })

/** The figures of an update by name; fails with `NonFinite` where a loss or the gradient is not finite. */
export const figuresOf = (result: unknown, update: number, held: HeldModel) =>
  Effect.gen(function* () {
    const measured = result as Program.HostOf<Optimiser.Vitals<{ readonly [name: string]: Reals }>>
    const params = (held.specs as { readonly trainable: unknown }).trainable
    yield* Optimiser.refuseNonFinite(measured, { step: update, params })
    const { loss, norm } = measured
    return Object.fromEntries(Object.entries({ ...loss, norm }).map(([name, { data }]) => [name, data[0]!]))
  })

/**
 * Trains through the phases, from update `from`: one report per update, as it is made. Pulling less of the stream makes
 * fewer updates; the model on the device is always that of the last report.
 */
export const supervised = (
  held: HeldModel,
  options: SupervisedOptions,
  from = 0
): Stream.Stream<StepReport, ProgramError | QuestionTooLong | Optimiser.NonFinite, DeviceService | Scope.Scope> => {
  const { batch, key, method, phases, problems } = options
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
    const packed = yield* packAll(options, phase)
    const lengths = lengthsOf(packed)
    const run = yield* updateProgram(held, options, phase, lengths)
    return (ready = { phase: index, packed, lengths, run })
  })
  const step = Effect.fnUntraced(function* (update: number) {
    const index = phaseAt(phases, update)
    const { lengths, packed, run } = yield* make(index)
    const rows = rowsAt(update).map((row) => packed[row]!)
    const groups = Math.max(1, phases[index]!.latentSteps)
    const result = yield* run(
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
