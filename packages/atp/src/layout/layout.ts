/** Layouts: what of a chain is thought, what is written, and what is seen, by phase of training and when it is used. */

/** What of a chain is thought and what is written. */
export interface Form {
  /** Latent groups: steps that latents stand for or, with a pace, so many symbols each. */
  readonly latentSteps: number
  /** How much of the remaining text is written out: all, nothing, or all but its first symbols. */
  readonly text: "remaining" | "none" | { readonly withoutFirst: number }
  /**
   * Symbols of the chain that one latent stands for. Such latents are told and not drawn, so that a batch is one pass; left
   * out where latents stand for steps.
   */
  readonly pace?: number
  /**
   * Numbers of steps of which every row of a batch draws one: latents stand for so many of its first steps, and the others are
   * text. Latents stand for as many as there are groups unless given.
   */
  readonly standing?: ReadonlyArray<number>
}

/**
 * One phase of a curriculum.
 *
 * @example
 * const phase: Layout.Phase = { name: "two steps as latents", latentSteps: 2, text: "remaining", updates: 100 }
 * Layout.formsOf(phase).map(({ latentSteps }) => latentSteps) // => [2]
 */
export interface Phase extends Form {
  readonly name: string
  readonly updates: number
  /** Parts that learn, by name, `backbone` among them; the others stay as they are. All learn unless given. */
  readonly learns?: ReadonlyArray<string>
  /** Forms of which every batch has one in place of that of the phase, drawn with the key; none unless given. */
  readonly drawn?: ReadonlyArray<Form>
}

/**
 * The forms that batches of a phase have: those it draws from, or its own.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 0, perStage: 100, final: 50, chainSymbols: 12 }
 * const [phase] = Layout.compressed({ factors: [2, 4], used: 2 }).phases(budget)
 * Layout.formsOf(phase) // => [{ latentSteps: 7, text: "none", pace: 2 }, { latentSteps: 4, text: "none", pace: 4 }]
 */
export const formsOf = ({ drawn, ...phase }: Phase): ReadonlyArray<Form> => drawn ?? [phase]

/**
 * What a curriculum is planned from.
 *
 * @example
 * const budget: Layout.Budget = { maxSteps: 3, warmStart: 600, perStage: 200, final: 700, chainSymbols: 18 }
 * Layout.updatesAfterWarmStart(budget) // => 3 * 200 + 700
 */
export interface Budget {
  /** Steps that get latents, at most. */
  readonly maxSteps: number
  /** Updates on written chains before the first latent. */
  readonly warmStart: number
  /** Updates of each stage that turns one more step into latents. */
  readonly perStage: number
  /** Updates at the end, with all steps as latents and no text but the answer. */
  readonly final: number
  /** Symbols of the longest chain. */
  readonly chainSymbols: number
}

/**
 * What is thought and what is written.
 *
 * @example
 * const half: Layout.Layout = {
 *   name: "the first half at once",
 *   thinks: true,
 *   writes: "chain",
 *   spare: "nothing",
 *   phases: (budget) => [
 *     {
 *       name: "halves",
 *       latentSteps: Math.ceil(budget.maxSteps / 2),
 *       text: "remaining",
 *       updates: Layout.updatesAfterWarmStart(budget)
 *     }
 *   ]
 * }
 * const budget = { maxSteps: 3, warmStart: 0, perStage: 100, final: 50, chainSymbols: 12 }
 * half.phases(budget).map(({ latentSteps, updates }) => [latentSteps, updates]) // => [[2, 350]]
 */
export interface Layout {
  readonly name: string
  /** Whether latents stand for steps when the method is used. */
  readonly thinks: boolean
  /** What follows the latents, or the question, when the method is used. */
  readonly writes: "chain" | "answer"
  /** What latent groups beyond a problem's own steps are to say. */
  readonly spare: "nothing" | "answer"
  /** Latent groups beyond the steps of the longest chain, so that every chain has spare ones; none unless given. */
  readonly extra?: number
  /**
   * A number of latent groups that does not depend on chains: each of all but the last has as many steps as the others or one
   * more, and those that are left, the last among them, are spare. A group for every step of the longest chain unless given.
   */
  readonly blocks?: number
  /** Symbols of a chain that one latent stands for when the method is used; latents stand for steps unless given. */
  readonly pace?: number
  /** Latents of a group; as many as a run's config says unless given. */
  readonly perStep?: number
  /** The phases after the warm start, which all methods share. */
  readonly phases: (budget: Budget) => ReadonlyArray<Phase>
}

/**
 * Each step in a group of its own, but for those from the last place on, which share it.
 *
 * @example
 * Layout.sharing(["a", "b", "c", "d"], 3) // => [["a"], ["b"], ["c", "d"]]
 */
export const sharing = <T>(steps: ReadonlyArray<T>, places: number): ReadonlyArray<ReadonlyArray<T>> =>
  Array.from({ length: Math.min(steps.length, places) }, (_, i) =>
    i === places - 1 ? steps.slice(i) : steps.slice(i, i + 1)
  )

/**
 * Steps in so many blocks, at most one fewer than there are groups: each step its own where there are few, and else as even as
 * rounding has it (MARCOS's division of solutions, arXiv 2509.25020).
 *
 * @example
 * Layout.inBlocks(["a", "b", "c", "d", "e"], 3) // => [["a", "b", "c"], ["d", "e"]]
 * Layout.inBlocks(["a"], 3) // => [["a"]]
 */
export const inBlocks = <T>(steps: ReadonlyArray<T>, groups: number): ReadonlyArray<ReadonlyArray<T>> => {
  const blocks = groups - 1
  if (blocks < 1) return []
  if (steps.length <= blocks) return steps.map((step) => [step])
  const ends = Array.from({ length: blocks + 1 }, (_, i) => Math.round((i * steps.length) / blocks))
  return Array.from({ length: blocks }, (_, i) => steps.slice(ends[i], ends[i + 1]))
}

/**
 * The phase all methods begin with: the chain is written out.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * Layout.warmStart(budget) // => { name: "written chains", latentSteps: 0, text: "remaining", updates: 600 }
 */
export const warmStart = ({ warmStart: updates }: Budget): Phase => ({
  name: "written chains",
  latentSteps: 0,
  text: "remaining",
  updates
})

/**
 * Updates after the warm start, the same for all methods in a comparison: `maxSteps` times `perStage`, and `final`.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * Layout.updatesAfterWarmStart(budget) // => 250
 */
export const updatesAfterWarmStart = ({ final, maxSteps, perStage }: Budget): number => maxSteps * perStage + final

/** What is told of stages. */
export interface StagesOptions {
  readonly spare?: Layout["spare"]
  readonly extra?: number
}

/**
 * One more step as latents in every phase, then all of them and nothing but the answer after them (Coconut, arXiv 2412.06769,
 * section 3). The last stage has the groups beyond the longest chain as well. A rule that stops by itself never keeps spare
 * groups: with one that says the answer, every chain ends with a latent that is proposed after its last step, has to know the
 * answer, and is dropped.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * const layout = Layout.stages({ spare: "answer", extra: 1 })
 * layout.name // => "stages, spare answer, 1 more"
 * layout.phases(budget).map(({ latentSteps, name }) => [name, latentSteps])
 * // => [["stage 1", 1], ["stage 2", 3], ["answers", 3]]
 */
export const stages = ({ extra = 0, spare = "nothing" }: StagesOptions = {}): Layout => ({
  name: ["stages", spare === "nothing" ? "" : `spare ${spare}`, extra === 0 ? "" : `${extra} more`]
    .filter((part) => part !== "")
    .join(", "),
  thinks: true,
  writes: "answer",
  spare,
  extra,
  phases: ({ final, maxSteps, perStage }) => [
    ...Array.from({ length: maxSteps }, (_, i): Phase => ({
      name: `stage ${i + 1}`,
      latentSteps: i + 1 < maxSteps ? i + 1 : maxSteps + extra,
      text: "remaining",
      updates: perStage
    })),
    { name: "answers", latentSteps: maxSteps + extra, text: "none", updates: final }
  ]
})

/** What is told of compressed chains. */
export interface CompressedOptions {
  /** Compression factors, in symbols a latent, of which every batch of training has one. */
  readonly factors: ReadonlyArray<number>
  /** The factor that a trained model is asked for. */
  readonly used: number
}

/**
 * Latents of a chain of `chainSymbols` symbols, of which each stands for `pace`; the last may stand for fewer.
 *
 * @example
 * Layout.latentsAtPace(13, 2) // => 7
 */
export const latentsAtPace = (chainSymbols: number, pace: number): number => Math.ceil(chainSymbols / pace)

/**
 * Chains compressed by a factor, CoLaR (arXiv 2505.16552): one latent for so many of their symbols, whatever the steps. The
 * factor is drawn for every batch, and the model is told it by as many `<bot>` as it is; at 1 a latent is a symbol. Throws
 * where a factor is no whole number from 1, or the one that is used is not among them.
 *
 * @example
 * const layout = Layout.compressed({ factors: [1, 2, 3, 4, 5], used: 2 })
 * layout.name // => "compressed by 1, 2, 3, 4, 5, used at 2"
 * Layout.compressed({ factors: [1, 2], used: 3 }) // throws a compressed chain is used at a factor of 1, 2, found 3
 */
export const compressed = ({ factors, used }: CompressedOptions): Layout => {
  const wrong = factors.find((factor) => !(Number.isSafeInteger(factor) && factor >= 1))
  if (wrong !== undefined || factors.length === 0)
    throw new RangeError(`a compressed chain needs factors that are whole numbers from 1, found ${wrong ?? "none"}`)
  if (!factors.includes(used))
    throw new RangeError(`a compressed chain is used at a factor of ${factors.join(", ")}, found ${used}`)
  // One latent is proposed behind the longest chain, at which to stop.
  const extra = 1
  return {
    name:
      factors.length === 1 && used === 1 ? "symbol by symbol" : `compressed by ${factors.join(", ")}, used at ${used}`,
    thinks: true,
    writes: "answer",
    spare: "nothing",
    extra,
    pace: used,
    phases: (budget) => {
      const at = (pace: number): Form => ({
        latentSteps: latentsAtPace(budget.chainSymbols, pace) + extra,
        text: "none",
        pace
      })
      return [
        { name: "compressed chains", ...at(used), drawn: factors.map(at), updates: updatesAfterWarmStart(budget) }
      ]
    }
  }
}
/**
 * All latents from the first update on, `perStep` of a step where that is given, and nothing but the answer after them.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * Layout.latentsAtOnce({ perStep: 3 }).phases(budget)
 * // => [{ name: "answers", latentSteps: 2, text: "none", updates: 250 }]
 */
export const latentsAtOnce = ({ perStep }: Pick<Layout, "perStep"> = {}): Layout => ({
  name: `latents at once${perStep === undefined ? "" : `, ${perStep} a step`}`,
  thinks: true,
  writes: "answer",
  spare: "nothing",
  ...(perStep === undefined ? {} : { perStep }),
  phases: (budget) => [
    { name: "answers", latentSteps: budget.maxSteps, text: "none", updates: updatesAfterWarmStart(budget) }
  ]
})

/**
 * A latent for every symbol of the chain: what thinks in words, or in what takes their place.
 *
 * @example
 * Layout.symbolBySymbol.name // => "symbol by symbol"
 * Layout.symbolBySymbol.pace // => 1
 */
export const symbolBySymbol: Layout = compressed({ factors: [1], used: 1 })
/**
 * The updates in which latents of steps become what a method thinks with, before it does: as many as one stage has for each.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * const [phase] = Layout.codeBookAlone({ perStep: 2 }).phases(budget)
 * phase // => { name: "code book", latentSteps: 2, text: "none", updates: 200 }
 */
export const codeBookAlone = ({ perStep }: Required<Pick<Layout, "perStep">>): Layout => ({
  name: `a code book, ${perStep} a step`,
  thinks: true,
  writes: "answer",
  spare: "nothing",
  perStep,
  phases: ({ maxSteps, perStage }) => [
    { name: "code book", latentSteps: maxSteps, text: "none", updates: maxSteps * perStage }
  ]
})

/**
 * Mixtures of latents and text, Token Assorted (arXiv 2502.03275): latents stand for the first steps of a chain, left to right,
 * and the others are text; how many is drawn for every row anew. All of them are drawn twice as often as each other number,
 * since most of the paper's numbers are longer than most chains.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * const [phase] = Layout.assorted({ perStep: 2 }).phases(budget)
 * phase.standing // => [0, 1, 2, 2]
 */
export const assorted = ({ perStep }: Required<Pick<Layout, "perStep">>): Layout => ({
  name: `mixtures, ${perStep} a step`,
  thinks: true,
  writes: "chain",
  spare: "nothing",
  perStep,
  phases: (budget) => [
    {
      name: "mixtures",
      latentSteps: budget.maxSteps,
      standing: [...Array.from({ length: budget.maxSteps + 1 }, (_, steps) => steps), budget.maxSteps],
      text: "remaining",
      updates: updatesAfterWarmStart(budget)
    }
  ]
})

/**
 * The whole chain is written: chain of thought (arXiv 2201.11903).
 *
 * @example
 * Layout.writtenChain.thinks // => false
 * Layout.writtenChain.writes // => "chain"
 */
export const writtenChain: Layout = {
  name: "written chain",
  thinks: false,
  writes: "chain",
  spare: "nothing",
  phases: (budget) => [
    { name: "written chains", latentSteps: 0, text: "remaining", updates: updatesAfterWarmStart(budget) }
  ]
}

/**
 * The answer at once: nothing is thought, and no step is written.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * Layout.answerAtOnce.phases(budget) // => [{ name: "answers", latentSteps: 0, text: "none", updates: 250 }]
 */
export const answerAtOnce: Layout = {
  name: "answer at once",
  thinks: false,
  writes: "answer",
  spare: "nothing",
  phases: (budget) => [{ name: "answers", latentSteps: 0, text: "none", updates: updatesAfterWarmStart(budget) }]
}

/**
 * The chain loses its first symbols, a few more in every phase, of which there are at most nine (arXiv 2405.14838).
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 600, perStage: 100, final: 50, chainSymbols: 12 }
 * const phases = Layout.internalised.phases({ ...budget, chainSymbols: 3 })
 * phases.map(({ text }) => text) // => [{ withoutFirst: 1 }, { withoutFirst: 2 }, { withoutFirst: 3 }, "none"]
 */
export const internalised: Layout = {
  name: "internalised chain",
  thinks: false,
  writes: "answer",
  spare: "nothing",
  phases: (budget) => {
    const total = updatesAfterWarmStart(budget)
    const removals = Math.max(1, Math.min(budget.chainSymbols, 8))
    const each = Math.floor(total / (removals + 1))
    return [
      ...Array.from({ length: removals }, (_, i): Phase => {
        const withoutFirst = Math.ceil(((i + 1) * budget.chainSymbols) / removals)
        return { name: `without ${withoutFirst} symbols`, latentSteps: 0, text: { withoutFirst }, updates: each }
      }),
      { name: "answers", latentSteps: 0, text: "none", updates: total - removals * each }
    ]
  }
}
