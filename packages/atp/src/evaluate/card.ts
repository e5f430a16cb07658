/**
 * The causal card of a model: what becomes of its answers where its latents are others. Neither accuracy nor decoded steps
 * say whether an answer listens to latents; only interventions do.
 */
import * as Effect from "effect/Effect"
import { derive, draws, type Key } from "../random/key.ts"
import { sameAnswer } from "../rewards/correctness.ts"
import type { Asking } from "./asking.ts"
import { type Chains, chainsOf } from "./chains.ts"
import { forcedSteps } from "./known.ts"
import { isRight } from "./metrics.ts"
import { type Probed, type Probes, whyNoProbes } from "./probe.ts"
import {
  between,
  donorsFor,
  first,
  joined,
  mapped,
  momentsOf,
  partnersFor,
  type Thinking,
  type Thought
} from "./thought.ts"
import { type Share, type Verdict, verdictOf } from "./verdict.ts"

/** What becomes of answers where one step's latents are changed and the rest is thought anew. */
export interface StepCard {
  /** Right answers where they are zeros, of the questions that have them. */
  readonly zeroed: Share
  /**
   * Answers of the counterfactual chain where they are another question's, of the questions that have a later step, no other
   * way to begin their chain, and a partner of which the same holds and whose step leads to another answer. Null where none
   * has.
   */
  readonly follows: Share | null
  /** Of the same questions, answers that stay as they are without the change. */
  readonly keeps: Share | null
}

/** What becomes of answers. Shares of right ones; chance is what a guess gets. */
export interface Card {
  readonly problems: number
  readonly asIs: number
  /** All latents are zeros. */
  readonly zeroed: number
  /** Each is the mean of the latents at its place. */
  readonly mean: number
  /** They are those of another question of as many latents whose answer differs. */
  readonly swapped: number
  /** Of the questions that were swapped, the share that now gives the other's answer; null where none could be. */
  readonly donor: number | null
  /** How many were swapped. */
  readonly exchanged: number
  /** Of those to which the model says something else as they are, answers that stay, and that become the other's. */
  readonly stays: Share
  readonly goes: Share
  /** All but the last are zeros. */
  readonly lastOnly: number
  /** With normal noise as wide as latents at their place vary from question to question. */
  readonly noise: number
  /** The answer is asked for after no latents, those of one step, of two, ...: how early it is decided. */
  readonly early: ReadonlyArray<number>
  /** Interventions on the latents of one step alone, by step. */
  readonly steps: ReadonlyArray<StepCard>
  /**
   * The first step's latents are another question's and the rest is thought anew: how often the answer is that of the
   * counterfactual chain.
   */
  readonly follows: Share | null
  /** Right answers against decoded steps that are a whole chain; null of models that do not speak. */
  readonly chains: Chains | null
  /** What of a step can be read out of its latents by linear probes, fitted on other questions. */
  readonly probes: ReadonlyArray<Probed>
  readonly verdict: Verdict
  /** What could not be measured, and why, in words. */
  readonly absent: ReadonlyArray<readonly [row: string, why: string]>
}

const shareOf = (hits: ReadonlyArray<boolean>): Share => ({
  share: hits.filter(Boolean).length / Math.max(1, hits.length),
  of: hits.length
})
const isSame = (one: string | null, other: string | null): boolean =>
  one === null || other === null ? one === other : sameAnswer(one, other)
const says = (answer: string | null, expected: string): boolean => answer !== null && sameAnswer(answer, expected)

/** A question whose step is to come to what another's does, and the answer that this leads to. */
interface Counterfactual {
  readonly own: number
  readonly other: number
  readonly answer: string
}

/** Pairs of questions of as many steps and latents, for a step that is not the last. */
const counterfactualsAt = (
  thinking: ReadonlyArray<Thinking>,
  forced: ReadonlyArray<ReadonlyArray<string>>,
  step: number,
  maxSteps: number
): ReadonlyArray<Counterfactual> => {
  const stepsOf = (i: number) => thinking[i]!.attempt.problem.steps.length
  // In a longer chain the last group stands for several steps.
  const eligible = (i: number) => stepsOf(i) > step + 1 && stepsOf(i) <= maxSteps && forced[i]!.length > step
  return partnersFor(
    thinking.map(({ thought }, i) => (eligible(i) ? thought.count : 0)),
    (own, other): Counterfactual | null => {
      const { language, problem } = thinking[own]!.attempt
      const result = language.read(forced[other]![step]!)?.result
      if (result === undefined || stepsOf(own) !== stepsOf(other)) return null
      const answer = language.counterfactual!(problem, forced[own]!.slice(0, step + 1), result)
      return answer === null || sameAnswer(answer, problem.answer) ? null : { own, other, answer }
    }
  ).filter((found) => found !== null)
}

/** Why no answers of counterfactual chains were counted, or null. */
const whyNoneFollow = (
  thinking: ReadonlyArray<Thinking>,
  steps: ReadonlyArray<StepCard>,
  standFor: "steps" | "symbols"
): string | null => {
  if (standFor === "symbols") return "latents of this method stand for symbols of the chain and not for its steps"
  if (thinking.some(({ attempt: { language } }) => language.counterfactual === undefined))
    return "this kind of problem does not say what another result of a step leads to"
  if ((steps[0]?.follows ?? null) !== null) return null
  return "no question has a later step, one way to begin alone, and a partner of the kind whose first step leads elsewhere"
}

/**
 * The causal card of attempts: what is answered after other latents, asked of whoever made them. `Pipeline.evaluate` makes it
 * where `card` is set.
 *
 * @example
 * const answered = (answer: string) =>
 *   Reward.attempt({ problem: { ...problem, answer }, language: Task.equations, output: `### ${answer}` })
 * const thinking = ["1", "2"].map((answer) => {
 *   const latents = { count: 1, values: () => Effect.succeed({ shape: [1, 1] as const, data: Float32Array.of(+answer) }) }
 *   return { attempt: { ...answered(answer), latents }, thought: { count: 1, data: Float32Array.of(+answer) } }
 * })
 * const ask: Evaluate.Asking = (asked) => Effect.succeed(asked.map(({ given }) => `${given.data[0]}`))
 * const card = yield* Evaluate.cardOf(thinking, { ask, maxSteps: 1, perStep: 1 }, Key.fromSeed(1))
 * [card.asIs, card.zeroed, card.swapped, card.donor] // => [1, 0, 0, 1]
 */
export const cardOf = Effect.fnUntraced(function* <E, R>(
  thinking: ReadonlyArray<Thinking>,
  {
    ask,
    maxSteps,
    perStep,
    probes = null,
    standFor = "steps"
  }: {
    readonly ask: Asking<E, R>
    /** Groups of latents at most, and latents in a group. */
    readonly maxSteps: number
    readonly perStep: number
    /** Probes that were fitted on other questions. */
    readonly probes?: Probes | null
    /** What latents stand for: only of steps is it known what another one leads to. */
    readonly standFor?: "steps" | "symbols"
  },
  key: Key
): Effect.fn.Return<Card, E, R> {
  const thoughts = thinking.map(({ thought }) => thought)
  const attempts = thinking.map(({ attempt }) => attempt)
  const all = attempts.map((_, i) => i)
  const expected = attempts.map(({ problem }) => problem.answer)
  const moments = momentsOf(thoughts)
  const random = draws(derive(key, "noise"))
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())

  const asked = (which: ReadonlyArray<number>, thinksOn: boolean, given: (thought: Thought, i: number) => Thought) =>
    ask(which.map((i) => ({ problem: attempts[i]!.problem, given: given(thoughts[i]!, i), thinksOn })))
  const rightOf = (given: (thought: Thought, i: number) => Thought) =>
    Effect.map(asked(all, false, given), (answers) => shareOf(all.map((i) => says(answers[i]!, expected[i]!))).share)

  const donors = donorsFor(attempts.map(({ latents, problem }) => ({ count: latents.count, answer: problem.answer })))
  const exchanged = all.filter((i) => donors[i] !== null)
  const swapped = yield* asked(exchanged, false, (_, i) => thoughts[donors[i]!]!)
  const pairs = exchanged.map((own, at) => ({ own, other: donors[own]!, says: swapped[at]! }))
  // Where the model says the same to both, nobody can tell whose latents it listened to.
  const telling = pairs.filter(({ other, own }) => !isSame(attempts[own]!.answer, attempts[other]!.answer))
  const stays = shareOf(telling.map(({ own, says }) => isSame(says, attempts[own]!.answer)))
  const goes = shareOf(telling.map(({ other, says }) => isSame(says, attempts[other]!.answer)))

  const forced = attempts.map(({ language, problem }) => forcedSteps(language, problem))
  const canSay = standFor === "steps" && attempts.every(({ language }) => language.counterfactual !== undefined)
  const steps: Array<StepCard> = []
  for (let step = 0; step < maxSteps; step++) {
    const [from, to] = [step * perStep, (step + 1) * perStep]
    const having = all.filter((i) => thoughts[i]!.count >= to)
    if (having.length === 0) break
    const zeroed = yield* asked(having, true, (thought) =>
      mapped(first(thought, to), (x, _, place) => (place < from ? x : 0))
    )
    const counterfactuals = canSay ? counterfactualsAt(thinking, forced, step, maxSteps) : []
    const answers = yield* ask(
      counterfactuals.map(({ other, own }) => ({
        problem: attempts[own]!.problem,
        given: joined(first(thoughts[own]!, from), between(thoughts[other]!, from, to)),
        thinksOn: true
      }))
    )
    steps.push({
      zeroed: shareOf(having.map((i, at) => says(zeroed[at]!, expected[i]!))),
      ...(counterfactuals.length === 0
        ? { follows: null, keeps: null }
        : {
            follows: shareOf(counterfactuals.map(({ answer }, at) => says(answers[at]!, answer))),
            keeps: shareOf(counterfactuals.map(({ own }, at) => isSame(answers[at]!, attempts[own]!.answer)))
          })
    })
  }
  const early: Array<number> = []
  for (let step = 0; step < steps.length; step++)
    early.push(yield* rightOf((thought) => first(thought, step * perStep)))

  const follows = steps[0]?.follows ?? null
  const probed = probes?.(thinking) ?? []
  const whyNot = [
    ["follows", whyNoneFollow(thinking, steps, standFor)],
    ["probes", probes === null || probed.length > 0 ? null : whyNoProbes(thinking)]
  ] as const
  return {
    problems: attempts.length,
    asIs: shareOf(attempts.map(isRight)).share,
    zeroed: yield* rightOf((thought) => mapped(thought, () => 0)),
    mean: yield* rightOf((thought) => mapped(thought, (_, j, place) => moments[place]!.mean[j]!)),
    swapped: shareOf(pairs.map(({ own, says: said }) => says(said, expected[own]!))).share,
    donor:
      pairs.length === 0 ? null : shareOf(pairs.map(({ other, says: said }) => says(said, expected[other]!))).share,
    exchanged: pairs.length,
    stays,
    goes,
    lastOnly: yield* rightOf((thought) => mapped(thought, (x, _, place) => (place === thought.count - 1 ? x : 0))),
    noise: yield* rightOf((thought) => mapped(thought, (x, j, place) => x + normal() * moments[place]!.deviation[j]!)),
    early,
    steps,
    follows,
    chains: chainsOf(attempts),
    probes: probed,
    verdict: verdictOf({ stays, goes, follows, keeps: steps[0]?.keeps ?? null }),
    absent: whyNot.flatMap(([row, why]) => (why === null ? [] : [[row, why] as const]))
  }
})
