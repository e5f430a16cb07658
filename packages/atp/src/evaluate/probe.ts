/** Linear probes: what of a step can be read out of its latents, and from which of them. */
import type { Problem } from "../data/problem.ts"
import { draws, type Key } from "../random/key.ts"
import type { Tokenizer } from "../text/tokenizer.ts"
import type { Choosable } from "./choose.ts"
import { saidSteps } from "./known.ts"
import { type Classifier, classified, fitted } from "./logistic.ts"
import type { Thinking } from "./thought.ts"

/** How often a probe is right on questions that it was not fitted on. */
export interface Probed {
  /** The property of a step, or `step`: which one it is. */
  readonly property: string
  /** The place of the latent, from 0; null where latents of all places are asked. */
  readonly place: number | null
  readonly accuracy: number
  /** What a probe gets that always gives the commonest value: the share of that among those asked. */
  readonly chance: number
  /** How many latents were asked. */
  readonly of: number
}

/** Latents at a place with a value of a property each. */
interface Examples extends Pick<Probed, "place" | "property"> {
  readonly rows: Array<Float32Array>
  readonly values: Array<string>
}

/** Fewer are not fitted on: they say nothing. */
const fewest = 20

/** All latents that say a step, by property and place. */
const examplesOf = (thinking: ReadonlyArray<Thinking>, perStep: number): ReadonlyMap<string, Examples> => {
  const all = new Map<string, Examples>()
  const add = (property: string, place: number | null, row: Float32Array, value: string) => {
    const name = `${place} ${property}`
    const examples = all.get(name) ?? { property, place, rows: [], values: [] }
    all.set(name, examples)
    examples.rows.push(row)
    examples.values.push(value)
  }
  for (const { attempt, thought } of thinking) {
    const said = saidSteps(attempt)
    const width = thought.count === 0 ? 0 : thought.data.length / thought.count
    for (let place = 0; place < thought.count; place++) {
      const text = said[Math.floor(place / perStep)]
      const properties = text == null ? null : attempt.language.properties?.(text)
      if (properties == null) continue
      const row = thought.data.subarray(place * width, (place + 1) * width)
      for (const [property, value] of Object.entries(properties)) add(property, place, row, value)
      add("step", null, row, `${Math.floor(place / perStep) + 1}`)
    }
  }
  return all
}

const featuresOf = ({ rows }: Examples) => {
  const width = rows[0]?.length ?? 0
  const features = new Float64Array(rows.length * width)
  rows.forEach((row, i) => features.set(row, i * width))
  return { features, width }
}

const commonestShare = (values: ReadonlyArray<string>): number =>
  Math.max(0, ...[...Map.groupBy(values, (value) => value).values()].map((alike) => alike.length)) /
  Math.max(1, values.length)

/** Probes that are fitted: asked of other attempts, they say how often they are right. */
export type Probes = (thinking: ReadonlyArray<Thinking>) => ReadonlyArray<Probed>

/** Why nothing could be probed in these attempts, in words. */
export const whyNoProbes = (thinking: ReadonlyArray<Thinking>): string =>
  thinking.some(({ attempt: { language } }) => language.properties === undefined)
    ? "this kind of problem does not say what a step is made of"
    : "too few latents say a step that is part of a chain"

/**
 * Fits a linear probe for every property of a step and every place of a latent, and one for which step a latent is of, on
 * the latents of attempts that say a step. What they are asked of should be other questions.
 *
 * @example
 * const { language } = Task.arithmetic({ values: 5 })
 * const thinking = Array.from({ length: 40 }, (_, i) => {
 *   const [a, sum] = [i % 2, `${i % 2} + 1 = ${(i % 2) + 1}`]
 *   const problem = { question: `${a} + 1`, steps: [sum], answer: `${a + 1}` }
 *   const attempt = Reward.attempt({ problem, language, steps: [sum] })
 *   return { attempt, thought: { count: 1, data: Float32Array.of(a) } }
 * })
 * const [operator] = Evaluate.probesOf(thinking, 1)(thinking)
 * operator // => { property: "left", place: 0, accuracy: 1, chance: 0.5, of: 40 }
 */
export const probesOf = (thinking: ReadonlyArray<Thinking>, perStep: number): Probes => {
  const probes = [...examplesOf(thinking, perStep)].flatMap(([name, examples]) => {
    const values = [...new Set(examples.values)].toSorted()
    if (examples.rows.length < fewest || values.length < 2) return []
    const labels = Int32Array.from(examples.values, (value) => values.indexOf(value))
    const classifier: Classifier = fitted({ ...featuresOf(examples), labels }, values.length)
    return [{ name, values, classifier }]
  })
  return (asked) => {
    const all = examplesOf(asked, perStep)
    const found = probes.flatMap(({ classifier, name, values }): ReadonlyArray<Probed> => {
      const examples = all.get(name)
      if (examples === undefined) return []
      const said = classified(classifier, featuresOf(examples))
      const right = examples.values.filter((value, i) => values[said[i]!] === value).length
      const { place, property } = examples
      const of = examples.values.length
      return [{ property, place, accuracy: right / of, chance: commonestShare(examples.values), of }]
    })
    return found.toSorted((a, b) => (a.place ?? Infinity) - (b.place ?? Infinity))
  }
}

/** Questions that probes are fitted on, at most. */
const mostFitted = 1000

/**
 * Questions to fit probes on, of which none is asked, and each has at most so many symbols: validation questions in an order
 * that the key decides, and behind them training questions where there are too few.
 */
export const fittingQuestions = (
  {
    tokenizer,
    train,
    validation
  }: {
    readonly tokenizer: Pick<Tokenizer, "encode">
    readonly train: ReadonlyArray<Problem<"train">>
    readonly validation: ReadonlyArray<Problem<"validation">>
  },
  asked: ReadonlyArray<Pick<Problem, "question">>,
  mostSymbols: number,
  key: Key
): ReadonlyArray<Problem<Choosable>> => {
  const taken = new Set(asked.map(({ question }) => question))
  const random = draws(key)
  return [...random.shuffle<Problem<Choosable>>(validation), ...random.shuffle<Problem<Choosable>>(train)]
    .filter(({ question }) => !taken.has(question) && tokenizer.encode(question).length <= mostSymbols)
    .slice(0, mostFitted)
}
