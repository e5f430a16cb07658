/** Batches of packed problems, as programs take them. */
import { named, Program, Random, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { Problem, StepLanguage } from "../data/problem.ts"
import { type Form, formsOf, type Phase } from "../layout/layout.ts"
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
import type { Method, Put } from "../method/method.ts"
import type { Batch, Happened } from "../objective/happened.ts"
import { objectiveOf } from "../objective/objective.ts"
import { tell } from "../objective/tell.ts"
import { drawnIn, think } from "../objective/think.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { noiseTime } from "../policy/policy.ts"
import { special, type Tokenizer } from "../text/tokenizer.ts"

const { spec } = Program

/** The specifications of problems with their chains, which go beside whatever else a program has a batch of. */
export const chainSpecs = {
  question: spec(["chains", "chainQuestion"], "i32"),
  tail: spec(["chains", "chainTail"], "i32"),
  groups: spec(["chains", "chainSteps", "chainSymbols"], "i32"),
  needed: spec(["chains"], "i32"),
  results: spec(["chains", "chainSteps"], "i32"),
  donor: spec(["chains"], "i32"),
  written: spec(["chains", "chainWritten"], "i32")
} as const

/** Chains as a batch: the same numbers under the names that training knows. */
export const asBatch = (chains: Program.TensorsOf<typeof chainSpecs>): Batch => {
  const { donor, groups, needed, question, results, tail, written } = chains
  const batch = named("batch", needed.sizes[0]!)
  const steps = named("steps", results.sizes[1]!)
  return {
    question: Tensor.narrow(Tensor.narrow(question, 0, 0, batch), 1, 0, named("question", question.sizes[1]!)),
    tail: Tensor.narrow(Tensor.narrow(tail, 0, 0, batch), 1, 0, named("tail", tail.sizes[1]!)),
    groups: Tensor.narrow(
      Tensor.narrow(Tensor.narrow(groups, 0, 0, batch), 1, 0, steps),
      2,
      0,
      named("symbols", groups.sizes[2]!)
    ),
    needed: Tensor.narrow(needed, 0, 0, batch),
    results: Tensor.narrow(Tensor.narrow(results, 0, 0, batch), 1, 0, steps),
    donor: Tensor.narrow(donor, 0, 0, batch),
    written: Tensor.narrow(Tensor.narrow(written, 0, 0, batch), 1, 0, named("written", written.sizes[1]!))
  }
}

type Integers = { readonly shape: ReadonlyArray<number>; readonly data: Int32Array }

/** A batch on the host. */
export interface HostBatch {
  readonly question: Integers
  readonly tail: Integers
  readonly groups: Integers
  readonly needed: Int32Array
  readonly results: Integers
  readonly donor: Int32Array
  readonly written: Integers
}

/** Rows of a phase as a batch, padded to such lengths. */
export const batchOf = (
  rows: ReadonlyArray<Packed>,
  { group, question, tail, written }: Lengths,
  { latentSteps }: Pick<Form, "latentSteps">
): HostBatch => {
  const groups = Math.max(1, latentSteps)
  const of = (which: (row: Packed) => ReadonlyArray<number>, length: number, side: "left" | "right") =>
    padded(rows.map(which), length, side)
  return {
    question: of((row) => row.question, question, "left"),
    tail: of((row) => row.tail, tail, "right"),
    groups: {
      ...padded(
        rows.flatMap((row) => (row.groups.length === 0 ? [[]] : row.groups)),
        group,
        "right"
      ),
      shape: [rows.length, groups, group]
    },
    needed: Int32Array.from(rows, ({ needed }) => needed),
    results: of((row) => row.results, groups, "right"),
    donor: Int32Array.from(donorsOf(rows)),
    written: of((row) => row.written, written, "right")
  }
}

/** What it takes to pack problems. */
export interface Packing {
  readonly tokenizer: Tokenizer
  readonly language: StepLanguage
  readonly problems: ReadonlyArray<Problem<"train">>
  readonly maxSteps: number
  readonly context: number
}

/** Packs all problems; a question that does not fit is a failure, and so is a term that finds nothing to hold on to. */
export const packAll = Effect.fnUntraced(function* (
  method: Method,
  { context, language, maxSteps, problems, tokenizer }: Packing,
  phase: Form,
  standing?: number
): Effect.fn.Return<
  { readonly packed: ReadonlyArray<Packed>; readonly lengths: Lengths },
  NothingForTerm | QuestionTooLong
> {
  const { blocks, spare } = method.layout
  const options = {
    context,
    maxSteps,
    spare,
    language,
    ...(blocks === undefined ? {} : { blocks }),
    ...(standing === undefined ? {} : { standing })
  }
  const packed = yield* Effect.try({
    try: () => problems.map((problem) => pack(tokenizer, problem, phase, options)),
    catch: (error) => {
      if (error instanceof QuestionTooLong) return error
      throw error
    }
  })
  const term = method.terms.find(({ needs }) => needs === "results")
  const isThere = packed.some(({ results }) => results.some((result) => result !== special("<pad>")))
  if (term !== undefined && phase.latentSteps > 0 && !isThere) return yield* new NothingForTerm({ term: term.name })
  return { packed, lengths: lengthsOf(packed) }
})

/** All problems in each of the variants that rows of a form may have, and lengths that fit them all. */
const packVariants = Effect.fnUntraced(function* (method: Method, packing: Packing, form: Form) {
  const all = yield* Effect.forEach(form.standing ?? [undefined], (steps) => packAll(method, packing, form, steps))
  const most = (length: (lengths: Lengths) => number) => Math.max(...all.map(({ lengths }) => length(lengths)))
  const lengths: Lengths = {
    question: most(({ question }) => question),
    tail: most(({ tail }) => tail),
    group: most(({ group }) => group),
    written: most(({ written }) => written)
  }
  return { variants: all.map(({ packed }) => packed), lengths }
})

/** A batch of a phase, and the form that it has. */
export interface Formed {
  readonly form: Form
  readonly batch: HostBatch
}

/**
 * Batches of a phase: of rows of the problems, for each update in one of the forms of the phase, which the key draws. A form
 * is packed where it is wanted first.
 */
export const batchesOf = Effect.fnUntraced(function* (
  method: Method,
  { key, ...packing }: Packing & { readonly key: Key },
  phase: Phase
) {
  const forms = formsOf(phase)
  const packed = new Map<Form, Effect.Success<ReturnType<typeof packVariants>>>()
  const packedAs = Effect.fnUntraced(function* (form: Form) {
    const known = packed.get(form) ?? (yield* packVariants(method, packing, form))
    packed.set(form, known)
    return known
  })
  const formAt = (update: number): Form =>
    forms.length === 1 ? forms[0]! : draws(derive(key, "form", update)).choose(forms)
  // What does not fit is found out before the first update.
  yield* packedAs(forms[0]!)
  return (update: number, rows: ReadonlyArray<number>) => {
    const form = formAt(update)
    return Effect.map(packedAs(form), ({ lengths, variants }): Formed => {
      const random = draws(derive(key, "standing", update))
      // Where there is one variant alone nothing is drawn.
      const drawn = () => (variants.length === 1 ? variants[0]! : random.choose(variants))
      return {
        form,
        batch: batchOf(
          rows.map((row) => drawn()[row]!),
          lengths,
          form
        )
      }
    })
  }
})

/** What happens where a method goes over a batch of some form: latents are told, or its own policy draws them. */
export const passOver = (
  model: Put,
  batch: Batch,
  { latentSteps, pace }: Pick<Form, "latentSteps" | "pace">,
  perStep: number,
  key: Random.Key
): Happened =>
  pace === undefined
    ? think(
        model,
        batch,
        { latentSteps, perStep, key },
        drawnIn(model, batch, { latentSteps, perStep }, (dist, t) =>
          dist.sample(Random.foldIn(key, noiseTime(model.policy, t)))
        )
      )
    : tell(model, batch, key)

/** A method's whole objective on a batch of some form. */
export const supervisedLoss = (...of: Parameters<typeof passOver>) => objectiveOf(of[0], passOver(...of))
