/**
 * What a model and the work on it take at the least, in plain arithmetic on its sizes: known before a number of it is drawn,
 * a graph is traced or a file is written. Nothing that fits is refused; what is refused could not have fitted.
 */
import { Device, Program } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Use } from "../data/errors.ts"
import { cot } from "../methods/cot.ts"
import type { Method } from "../method/method.ts"
import type { ModelSizes } from "../part/sizes.ts"
import type { Experiment } from "./experiment.ts"

/** Sizes that are each within bounds and together beyond the device, or beyond what is traced in a sensible time. */
export class TooLarge extends Data.TaggedError("TooLarge")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** Work on a model: rows at a time, what a row is made of, and whether the model learns. */
export interface Work {
  readonly sizes: ModelSizes
  /** How many numbers the model has. */
  readonly parameters: number
  /** Rows of a batch, and what makes them so many, in words. */
  readonly rows: number
  readonly rowsOf: string
  /** Positions of a row: a question, its latents, and what is written behind them. */
  readonly positions: number
  /** Latents of a row, each a pass of its own. */
  readonly latents: number
  readonly learns: boolean
  /** Whether a copy of what learns is kept as a reference; none unless told. */
  readonly compares?: boolean
}

/** Passes through a layer that are traced as one program; compilers take minutes beyond. */
const mostPasses = 2 ** 13

/** How many numbers a method's parameters are, from their specifications alone. */
export const parametersOf = (method: Method, sizes: ModelSizes): number => {
  const names = method.names(sizes)
  const { leaves } = takeApart(method.specs(sizes), Program.isSpec, "", "a specification")
  return leaves.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((product, axis) => product * Program.sizeOf(axis, names), 1),
    0
  )
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`

/** Fails with `TooLarge` where the device cannot hold a model or the rows of its work, or the work is too long to trace. */
export const checkFits = Effect.fnUntraced(function* (work: Work): Effect.fn.Return<void, TooLarge, Device.Device> {
  const { compares = false, latents, learns, parameters, positions, rows, rowsOf, sizes } = work
  const { groups, heads, layers, vocabulary, width } = sizes
  const { memory, name } = yield* Device.Device
  const { limitBytes } = yield* memory
  const beyond = (bytes: number, what: string) =>
    new TooLarge({
      reason: `${what} at least ${mebibytes(bytes)}, and the device ${name} has ${mebibytes(limitBytes)}`
    })

  const passes = layers * (latents + 1)
  if (passes > mostPasses)
    return yield* new TooLarge({
      reason: `${latents} latents through ${layers} layers are ${passes} passes; expected at most ${mostPasses}`
    })
  // Values, and of what learns the two moments of its optimiser and the reference.
  const model = 4 * parameters * (learns ? 3 + Number(compares) : 1)
  if (model > limitBytes)
    return yield* beyond(
      model,
      `a model of ${parameters} parameters (width ${width}, ${layers} layers, ${vocabulary} symbols) ${compares ? "and a reference take" : "takes"}`
    )
  // The stream behind every layer for the way back, or keys and values in front of it.
  const kept = learns ? width : 2 * groups * (width / heads)
  const batch = 4 * rows * positions * layers * kept
  if (model + batch > limitBytes)
    return yield* beyond(model + batch, `${rowsOf} of ${positions} positions through ${layers} layers take`)
})

/** The work that an experiment is for: what it is opened to do, and evaluation at all times. */
export const worksOf = (
  { config, context, sizes, steps, textSymbols }: Experiment,
  uses: ReadonlyArray<Use>
): ReadonlyArray<Work> => {
  const latents = steps * config.model.perStep
  const positions = context + latents + textSymbols
  const { form, group, minibatch, questions, reference } = config.reinforcement
  // That of a method is not known yet.
  const compares = reference === "method" ? form === "grpo" : reference !== "none"
  const asked = Math.min(100, config.evaluate)
  // Which methods are to come is not known yet; every one has a backbone.
  const parameters = parametersOf(cot, sizes)
  const work = (learns: boolean, rows: number, rowsOf: string): Work => ({
    sizes,
    parameters,
    positions,
    latents,
    learns,
    rows,
    rowsOf
  })
  const { batch } = config.supervised
  const works: { readonly [U in Use]: ReadonlyArray<Work> } = {
    training: [work(true, batch, `a supervised.batch of ${batch}`)],
    reinforcement: [
      { ...work(true, minibatch, `a reinforcement.minibatch of ${minibatch}`), compares },
      work(false, questions * group, `${questions} reinforcement.questions in groups of ${group}`)
    ]
  }
  return [...uses.flatMap((use) => works[use]), work(false, asked, `${asked} questions that are evaluated together`)]
}
