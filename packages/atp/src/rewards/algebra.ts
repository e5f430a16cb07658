/**
 * The algebra of rewards. A composed reward scores each of the rewards it is made of once, however often they occur in it,
 * and keeps their totals by name.
 */
import * as Effect from "effect/Effect"
import { countBroken } from "./errors.ts"
import {
  type Composed,
  type ErrorOf,
  type Kind,
  type NeedsOf,
  partsOf,
  type Range,
  type Reward,
  type Score
} from "./reward.ts"

const namesApart = <E, R>(parts: ReadonlyArray<Reward<E, R>>): void => {
  const taken = parts.find(({ name }, i) => parts.findIndex((other) => other.name === name) < i)
  if (taken !== undefined)
    throw new TypeError(
      `two different rewards are called "${taken.name}"; use one of them twice, or rename one with Reward.named`
    )
}

/** The score of a composed reward, from one of each part. */
export const joined = <E, R>({ combine, parts }: Composed<E, R>, scores: ReadonlyArray<Score>): Score => {
  const { perStep, total } = combine(scores)
  const components = Object.fromEntries(parts.map(({ name }, part) => [name, scores[part]!.total]))
  return perStep === undefined ? { total, components } : { total, perStep, components }
}

const compose = <E, R>(
  name: string,
  range: Range,
  inputs: ReadonlyArray<Reward<E, R>>,
  combine: (scores: ReadonlyArray<Score>) => Score
): Reward<E, R> => {
  const parts = [...new Set(inputs.flatMap(partsOf))]
  namesApart(parts)
  const places = inputs.map((input) => partsOf(input).map((part) => parts.indexOf(part)))
  const composed = {
    parts,
    combine: (scores: ReadonlyArray<Score>): Score =>
      combine(
        inputs.map((input, i) => {
          const own = places[i]!.map((place) => scores[place]!)
          return input.composed === undefined ? own[0]! : input.composed.combine(own)
        })
      )
  }
  const kind: Kind = parts.some((part) => part.kind === "outcome") ? "outcome" : "shaping"
  return { name, kind, range, composed, score: scoreOfParts(composed) }
}

/** Scores of a batch from those of the parts. */
const scoreOfParts =
  <E, R>(composed: Composed<E, R>): Reward<E, R>["score"] =>
  (batch, key) =>
    Effect.flatMap(
      Effect.forEach(composed.parts, (part) => part.score(batch, key), { concurrency: "unbounded" }),
      (scored) => {
        const short = scored.findIndex((scores) => scores.length !== batch.length)
        return short >= 0
          ? Effect.die(countBroken(composed.parts[short]!.name, scored[short]!.length, batch.length))
          : Effect.succeed(
              batch.map((_, i) =>
                joined(
                  composed,
                  scored.map((scores) => scores[i]!)
                )
              )
            )
      }
    )

/** The same reward with another in the place of one that it is, or is made of, both with the same range. */
export const substituted = <E, R, E2, R2>(
  reward: Reward<E, R>,
  from: Reward<E2, R2>,
  to: Reward<E2, R2>
): Reward<E | E2, R | R2> => {
  if (Object.is(reward, from)) return to
  const { composed, results: _, ...rest } = reward
  if (composed === undefined) return reward
  const whole: Composed<E | E2, R | R2> = {
    ...composed,
    parts: composed.parts.map((part) => (Object.is(part, from) ? to : part))
  }
  return { ...rest, composed: whole, score: scoreOfParts(whole) }
}

/**
 * The same reward under another name.
 *
 * @example
 * Reward.named(Reward.correctness, "right").name // => "right"
 */
export const named = <E, R>(reward: Reward<E, R>, name: string): Reward<E, R> => ({ ...reward, name })

/**
 * Another total from this one; `range` is where `f` sends the old range. Steps keep their scores.
 *
 * @example
 * const error = Reward.mapTotal(Reward.correctness, [0, 1], (total) => 1 - total)
 * const right = Reward.attempt({ problem, language: Task.equations, output: "### 10" })
 * (yield* Reward.score(error, [right], Key.fromSeed(1)))[0].total // => 0
 */
export const mapTotal = <E, R>(reward: Reward<E, R>, range: Range, f: (total: number) => number): Reward<E, R> =>
  compose(reward.name, range, [reward], ([score]) => ({ ...score, total: f(score!.total) }))

/**
 * Totals outside `low..high` become its ends.
 *
 * @example
 * const long = Reward.perAttempt("long", [0, 9], ({ steps }) => steps.length)
 * Reward.clamp(long, 0, 1).range // => [0, 1]
 * const two = Reward.attempt({ problem, language: Task.equations, steps: problem.steps })
 * (yield* Reward.score(Reward.clamp(long, 0, 1), [two], Key.fromSeed(1)))[0].total // => 1
 */
export const clamp = <E, R>(reward: Reward<E, R>, low: number, high: number): Reward<E, R> => {
  const held = (total: number) => Math.min(Math.max(total, low), high)
  return mapTotal(reward, [held(reward.range[0]), held(reward.range[1])], held)
}

const stepsOf = ({ perStep }: Score): ReadonlyArray<number> => perStep ?? []

/** A score with steps, if it has any. */
const scoreOf = (total: number, perStep: ReadonlyArray<number>): Score =>
  perStep.length === 0 ? { total } : { total, perStep }

/**
 * Two rewards as one; `range` is where `combine` sends the two ranges. Step scores are combined where both have them. Throws
 * where two rewards that differ have one name.
 *
 * @example
 * const least = { name: "both", range: [0, 1], combine: Math.min } as const
 * const both = Reward.zip(Reward.correctness, Reward.chainSolves, least)
 * const lucky = Reward.attempt({ problem, language: Task.equations, output: "### 10" })
 * yield* Reward.score(both, [lucky], Key.fromSeed(1))
 * // => [{ total: 0, components: { correct: 1, "chain solves": 0 } }]
 */
export const zip = <E, R, E2, R2>(
  left: Reward<E, R>,
  right: Reward<E2, R2>,
  options: { readonly name: string; readonly range: Range; readonly combine: (left: number, right: number) => number }
): Reward<E | E2, R | R2> =>
  compose<E | E2, R | R2>(options.name, options.range, [left, right], ([l, r]) => {
    const [ls, rs] = [stepsOf(l!), stepsOf(r!)]
    return scoreOf(
      options.combine(l!.total, r!.total),
      ls.length === 0 ? rs : ls.map((step, i) => (i < rs.length ? options.combine(step, rs[i]!) : step))
    )
  })

const extremes = (values: ReadonlyArray<number>): Range => [Math.min(...values), Math.max(...values)]

/**
 * The reward only as far as the gate opens: totals and step scores times the gate's total.
 *
 * @example
 * const reward = Reward.gate(Reward.coherence("strict"), Reward.correctness)
 * reward.name // => "coherence (strict) if correct"
 * const steps = ["<<2+3=5>>", "<<5*2=11>>"]
 * const wrong = Reward.attempt({ problem, language: Task.equations, steps, output: "### 11" })
 * (yield* Reward.score(reward, [wrong], Key.fromSeed(1)))[0].total // => 0
 */
export const gate = <E, R, E2, R2>(reward: Reward<E, R>, by: Reward<E2, R2>): Reward<E | E2, R | R2> =>
  compose<E | E2, R | R2>(
    `${reward.name} if ${by.name}`,
    extremes(reward.range.flatMap((a) => by.range.map((b) => a * b))),
    [reward, by],
    ([score, gate]) =>
      scoreOf(
        score!.total * gate!.total,
        stepsOf(score!).map((step) => step * gate!.total)
      )
  )

type Terms = ReadonlyArray<readonly [weight: number, reward: Reward<unknown, unknown>]>

/**
 * A weighted sum, of totals and of step scores. Throws where two rewards that differ have one name.
 *
 * @example
 * const reward = Reward.weighted([[1, Reward.correctness], [0.5, Reward.format]])
 * reward.range // => [0, 1.5]
 * const wrong = Reward.attempt({ problem, language: Task.equations, output: "### 11" })
 * yield* Reward.score(reward, [wrong], Key.fromSeed(1)) // => [{ total: 0.5, components: { correct: 0, format: 1 } }]
 */
export const weighted = <const T extends Terms>(terms: T): Reward<ErrorOf<T[number][1]>, NeedsOf<T[number][1]>> => {
  const rewards = terms.map(([, reward]) => reward) as ReadonlyArray<
    Reward<ErrorOf<T[number][1]>, NeedsOf<T[number][1]>>
  >
  const sum = (values: ReadonlyArray<number>) => values.reduce((sum, value, i) => sum + terms[i]![0] * value, 0)
  const ends = terms.map(([weight, { range }]) => extremes(range.map((end) => weight * end)))
  return compose(
    terms.map(([weight, { name }]) => `${weight} ${name}`).join(" + "),
    [ends.reduce((low, [end]) => low + end, 0), ends.reduce((high, [, end]) => high + end, 0)],
    rewards,
    (scores) => {
      const steps = Math.max(0, ...scores.map((score) => stepsOf(score).length))
      return scoreOf(
        sum(scores.map(({ total }) => total)),
        Array.from({ length: steps }, (_, step) => sum(scores.map((score) => stepsOf(score)[step] ?? 0)))
      )
    }
  )
}
