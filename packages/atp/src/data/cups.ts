/**
 * Cups in a row, of which one hides a ball and two at a time change places: where is the ball in the end? The composition of
 * permutations is the plainest problem of tracking a state, which one pass of a transformer of fixed depth does not do for any
 * number of steps (Merrill and Sabharwal, "The Illusion of State in State-Space Models", arXiv 2404.08819). Every question has
 * one chain: a step says which two change places, and where the ball was and is.
 */
import * as Schema from "effect/Schema"
import { derive, draws, type Draws, type Key } from "../random/key.ts"
import { generated, type GeneratedTask } from "./generated.ts"
import type { Problem, StepLanguage } from "./problem.ts"
import { registered } from "./registered.ts"
import type { Variant } from "./task.ts"

const size = (minimum: number, maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Difficulty of the cups. */
export class CupsOptions extends Schema.Class<CupsOptions>("noema/CupsOptions")({
  cups: size(3, 16),
  /** Swaps of a training question: uniform in 1..steps; the longest held-out set goes two beyond. */
  steps: size(1, 8)
}) {}

type Swap = readonly [number, number]

const written = ([a, b]: Swap): string => (a < b ? `${a} ${b}` : `${b} ${a}`)
const through = ([a, b]: Swap, at: number): number => (at === a ? b : at === b ? a : at)

/** `1 3 : 3 > 1`: the first and the third cup change places, and the ball goes from the third place to the first. */
const step = (swap: Swap, at: number): string => `${written(swap)} : ${at} > ${through(swap, at)}`

const parse = (question: string): { readonly swaps: ReadonlyArray<Swap>; readonly start: number } => {
  const [swaps, start] = question.split(" ? ")
  return {
    start: Number(start),
    swaps: swaps!.split(" , ").map((pair): Swap => {
      const [a, b] = pair.split(" ")
      return [Number(a), Number(b)]
    })
  }
}

/** The only chain there is. */
const chainOf = (question: string): ReadonlyArray<string> => {
  const { start, swaps } = parse(question)
  let at = start
  return swaps.map((swap) => {
    const said = step(swap, at)
    at = through(swap, at)
    return said
  })
}

const normalise = (text: string): string => text.trim().replaceAll(/\s+/g, " ")
const read = (text: string) => {
  const found = /^(\d+) (\d+) : (\d+) > (\d+)$/.exec(normalise(text))
  return found === null ? null : { swap: [Number(found[1]), Number(found[2])] as Swap, from: found[3]!, to: found[4]! }
}

const language = (count: number): StepLanguage => ({
  normalise,
  read: (text) => {
    const said = read(text)
    return said === null ? null : { operands: [said.from], result: said.to }
  },
  resultText: (text) => text.split(">")[1]?.trim() ?? "",
  holds: (text, { question }) => {
    const said = read(text)
    return (
      said !== null &&
      parse(question).swaps.some((swap) => written(swap) === said.swap.join(" ")) &&
      String(through(said.swap, Number(said.from))) === said.to
    )
  },
  goldSteps: ({ question }) => new Set(chainOf(question)),
  solves: ({ answer, question }, steps) => {
    const chain = chainOf(question)
    return (
      steps.length === chain.length &&
      steps.every((said, i) => normalise(said) === chain[i]) &&
      read(chain.at(-1)!)!.to === answer
    )
  },
  counterfactual: ({ question }, steps, result) => {
    const chain = chainOf(question)
    const isBegun = steps.length > 0 && steps.every((said, i) => normalise(said) === chain[i])
    if (!isBegun || !/^\d+$/.test(result) || Number(result) < 1 || Number(result) > count) return null
    const rest = parse(question).swaps.slice(steps.length)
    return `${rest.reduce((at, swap) => through(swap, at), Number(result))}`
  },
  properties: (text) => {
    const said = read(text)
    return said === null
      ? null
      : { first: `${said.swap[0]}`, second: `${said.swap[1]}`, from: said.from, place: said.to }
  }
})

/** The task of cups with these options. */
export const cups = ({ cups: count, steps }: CupsOptions): GeneratedTask => {
  const longest = steps + 2

  const swapsOf = (random: Draws, variant: Variant): number => {
    if (variant === "simple") return Math.min(2, steps)
    if (variant === "distract") return random.integer(1, Math.min(2, steps))
    return variant === "long" ? random.integer(steps + 1, longest) : random.integer(1, steps)
  }

  /** Two places; of those that matter, the ball's is one, and of those that do not, none is. */
  const swapAt = (random: Draws, at: number, matters: boolean | null): Swap => {
    const others = random.shuffle(Array.from({ length: count }, (_, i) => i + 1).filter((place) => place !== at))
    return (matters ?? random.uniform() < 2 / count) ? [at, others[0]!] : [others[0]!, others[1]!]
  }

  const draw = (key: Key, variant: Variant, wanted?: number): Problem<never> => {
    const random = draws(derive(key, "cups"))
    const length = wanted ?? swapsOf(random, variant)
    const start = random.integer(1, count)
    const swaps: Array<Swap> = []
    let at = start
    for (let i = 0; i < length; i++) {
      // In the hard set every swap moves the ball, in that of distractors only the first does.
      const swap = swapAt(random, at, variant === "hard" ? true : variant === "distract" ? i === 0 : null)
      swaps.push(swap)
      at = through(swap, at)
    }
    const question = `${swaps.map(written).join(" , ")} ? ${start}`
    return { question, steps: chainOf(question), answer: `${at}` }
  }

  return generated({
    name: `${count} cups`,
    symbols: ["?", ",", ":", ">", ...Array.from({ length: count }, (_, i) => `${i + 1}`)],
    steps: { train: steps, longest },
    chance: 1 / count,
    lengths: Array.from({ length: steps }, (_, i) => i + 1),
    draw,
    canonical: ({ question }) => question,
    language: language(count)
  })
}

/** By name: `--task cups`, with `--set cups.steps=6` and the like. */
export const cupsTask = registered("cups", CupsOptions, { cups: 8, steps: 4 }, cups)
