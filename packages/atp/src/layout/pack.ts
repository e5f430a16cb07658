/** From a problem to the sequences of one training phase. */
import * as Data from "effect/Data"
import type { Problem, StepLanguage } from "../data/problem.ts"
import { type Form, inBlocks, latentsAtPace, type Layout, sharing } from "./layout.ts"
import { special, type Tokenizer } from "../text/tokenizer.ts"

/** The sequences of one problem in one phase, as symbol numbers without padding. */
export interface Packed {
  /** The question, then `<bot>`. */
  readonly question: ReadonlyArray<number>
  /** `<eot>`, the text that is left, `###`, the answer, `<eos>`. */
  readonly tail: ReadonlyArray<number>
  /** What each latent group is to say, ended; one per latent step of the phase. */
  readonly groups: ReadonlyArray<ReadonlyArray<number>>
  /** Latent groups the problem needs: its steps, at most those that get latents and those of the phase, or its chunks. */
  readonly needed: number
  /** The symbol of what each step that has a latent group comes to; padding where it is no single symbol. */
  readonly results: ReadonlyArray<number>
  /** Whether all steps have latents of their own, and nothing but the answer is left as text. */
  readonly whole: boolean
  /** `<eot>`, the whole chain, `###`, the answer, `<eos>`. */
  readonly written: ReadonlyArray<number>
}

/** A question has more symbols than the model's context. */
export class QuestionTooLong extends Data.TaggedError("QuestionTooLong")<{
  readonly question: string
  readonly symbols: number
  readonly context: number
}> {
  override get message(): string {
    return `a question of ${this.symbols} symbols does not fit into ${this.context}: ${JSON.stringify(this.question.slice(0, 80))}`
  }
}

/** A term of an objective needs what no chain of the data set has. */
export class NothingForTerm extends Data.TaggedError("NothingForTerm")<{ readonly term: string }> {
  override get message(): string {
    return `the term ${this.term} needs steps that come to a single symbol, and no training chain has one`
  }
}

/**
 * A question as symbols, ending in `<bot>`, as often as latents are to stand for symbols each. Throws `QuestionTooLong`, or
 * `UnknownSymbol` for a closed vocabulary.
 */
export const packQuestion = (
  tokenizer: Tokenizer,
  problem: Problem,
  context: number,
  pace = 1
): ReadonlyArray<number> => {
  const begin = Array.from({ length: pace }, () => special("<bot>"))
  const question = [...tokenizer.encode(problem.question), ...begin]
  if (question.length > context)
    throw new QuestionTooLong({ question: problem.question, symbols: question.length, context })
  return question
}

/** Packs one problem. Steps from the last group on share it; groups without a step say nothing, or the answer. */
export const pack = (
  tokenizer: Tokenizer,
  problem: Problem,
  phase: Omit<Form, "standing">,
  options: {
    /** Steps that latents stand for, where these are fewer than there are groups. */
    readonly standing?: number
    readonly context: number
    readonly maxSteps: number
    readonly spare: Layout["spare"]
    /** As that of a layout. */
    readonly blocks?: number
    /** What says what a step comes to; nothing does unless given. */
    readonly language?: Pick<StepLanguage, "resultText">
  }
): Packed => {
  const { latentSteps, pace } = phase
  const end = special("<eos>")
  const separator = special("<sep>")
  const steps = problem.steps.map((step) => tokenizer.encode(step))
  const answer = [special("###"), ...tokenizer.encode(problem.answer), end]
  const chainFrom = (first: number) => steps.slice(first).flatMap((step) => [...step, separator])
  if (pace !== undefined) {
    const chain = chainFrom(0)
    const needed = latentsAtPace(chain.length, pace)
    return {
      question: packQuestion(tokenizer, problem, options.context + pace - 1, pace),
      tail: [special("<eot>"), ...answer],
      groups: Array.from({ length: latentSteps }, (_, i) => [...chain.slice(i * pace, (i + 1) * pace), end]),
      needed,
      results: Array.from({ length: latentSteps }, () => special("<pad>")),
      whole: true,
      written: [special("<eot>"), ...chain, ...answer]
    }
  }
  // Steps of each group: those beyond the ones that get latents share the last one's. Groups beyond these are spare.
  const numbers = steps.map((_, i) => i)
  const { blocks, maxSteps } = options
  const ofGroups = blocks === undefined ? sharing(numbers, maxSteps) : inBlocks(numbers, blocks)
  const own = ofGroups.length
  const standing = Math.min(latentSteps, options.standing ?? latentSteps)
  const needed = Math.min(own, standing)
  const first = blocks === undefined ? Math.min(standing, maxSteps) : (ofGroups[standing]?.[0] ?? steps.length)
  const left = phase.text === "none" ? [] : chainFrom(first)
  const text = typeof phase.text === "object" ? left.slice(phase.text.withoutFirst) : left
  const groups = Array.from({ length: latentSteps }, (_, i) => {
    if (i >= own) return options.spare === "answer" ? answer : [end]
    return [...ofGroups[i]!.flatMap((step, j) => (j === 0 ? steps[step]! : [separator, ...steps[step]!])), end]
  })
  const resultOf = (step: string | undefined): number => {
    const text = step === undefined ? "" : (options.language?.resultText(step) ?? "")
    const symbols = text === "" ? [] : tokenizer.encode(text)
    return symbols.length === 1 ? symbols[0]! : special("<pad>")
  }
  return {
    question: packQuestion(tokenizer, problem, options.context),
    tail: [special("<eot>"), ...text, ...answer],
    groups,
    needed,
    results: groups.map((_, i) =>
      resultOf(i < own ? problem.steps[blocks === undefined ? i : ofGroups[i]!.at(-1)!] : undefined)
    ),
    whole: text.length === 0 && steps.length === needed,
    written: [special("<eot>"), ...chainFrom(0), ...answer]
  }
}

/** The lengths a batch is padded to. */
export interface Lengths {
  readonly question: number
  readonly tail: number
  readonly group: number
  readonly written: number
}

const longest = (rows: ReadonlyArray<{ readonly length: number }>): number =>
  rows.reduce((most, { length }) => Math.max(most, length), 0)

/** The least lengths all of these fit. */
export const lengthsOf = (packed: ReadonlyArray<Packed>): Lengths => ({
  question: longest(packed.map(({ question }) => question)),
  tail: longest(packed.map(({ tail }) => tail)),
  group: Math.max(1, longest(packed.flatMap(({ groups }) => groups))),
  written: longest(packed.map(({ written }) => written))
})

/** Rows of one length: padded on the left, so that all questions end together, or on the right. */
export const padded = (
  rows: ReadonlyArray<ReadonlyArray<number>>,
  length: number,
  side: "left" | "right"
): { readonly shape: ReadonlyArray<number>; readonly data: Int32Array } => {
  const data = new Int32Array(rows.length * length).fill(special("<pad>"))
  rows.forEach((row, i) => data.set(row, i * length + (side === "left" ? length - row.length : 0)))
  return { shape: [rows.length, length], data }
}

/**
 * For each row of a batch another one with as many steps whose latents may stand in for its own: the next of its kind, round
 * and round. A row that has none, or of which steps are left as text, is its own.
 */
export const donorsOf = (rows: ReadonlyArray<Pick<Packed, "needed" | "whole">>): ReadonlyArray<number> => {
  const kinds = Map.groupBy(rows.keys(), (i) => (rows[i]!.whole ? rows[i]!.needed : -1))
  const donors = rows.map((_, i) => i)
  for (const [needed, own] of kinds) if (needed > 0) own.forEach((row, i) => (donors[row] = own[(i + 1) % own.length]!))
  return donors
}
