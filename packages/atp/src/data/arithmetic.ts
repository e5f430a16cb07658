/**
 * Arithmetic chains: an expression such as `3 + 4 * 2`, solved by reducing one operator at a time in any legal order, so
 * that most questions have several equivalent chains (`4 * 2 = 1`, `3 + 1 = 4` modulo 7). Every text is symbols of a small
 * vocabulary separated by spaces; a number is one symbol.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { derive, draws, type Draws, type Key } from "../random/key.ts"
import { generated, type GeneratedTask } from "./generated.ts"
import type { Problem, StepLanguage } from "./problem.ts"
import { registered } from "./registered.ts"
import type { Variant } from "./task.ts"

const operators = ["+", "-", "*"] as const
type Operator = (typeof operators)[number]

const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))
const share = Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1 })))

const fields = Schema.Struct({
  values: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 3, maximum: 1000 }))),
  modular: Schema.Boolean,
  /** Operators of a training question at the least. */
  fewest: positive.pipe(
    Schema.check(Schema.isLessThanOrEqualTo(8)),
    Schema.withConstructorDefault(Effect.succeed(1)),
    Schema.withDecodingDefault(Effect.succeed(1))
  ),
  /** And at the most: every number between is as frequent; the longest held-out set goes two beyond. */
  steps: positive.pipe(Schema.check(Schema.isLessThanOrEqualTo(8))),
  /**
   * Operators of a question of reinforcement at the least and at the most, which may be more than any chain that is learnt
   * from has; those of a training question unless given.
   */
  reinforced: Schema.optionalKey(Schema.Tuple([positive, positive.pipe(Schema.check(Schema.isLessThanOrEqualTo(10)))])),
  /** How often `+`, `-` and `*` are drawn. */
  weights: Schema.Tuple([share, share, share]),
  /** How often an operand comes from the common two thirds of the values; the held-out `hard` set uses the rest. */
  common: share,
  /** Share of training questions with an unused clause (`; x = 5`). */
  distractors: share,
  /** Label every question with its leftmost chain instead of a random one of the equivalent chains. */
  canonicalLabels: Schema.Boolean
})

/** Difficulty of the arithmetic task. Values are 0..values-1; with `modular` all arithmetic is modulo `values`. */
export class ArithmeticOptions extends Schema.Class<ArithmeticOptions>("noema/ArithmeticOptions")(
  fields.check(
    Schema.makeFilter(({ common, fewest, modular, reinforced, steps, weights }) => {
      if (fewest > steps) return `Expected at least as many steps as the fewest, ${fewest}, found ${steps}`
      if (reinforced !== undefined && reinforced[0] > reinforced[1])
        return `Expected reinforced to begin with the fewest steps, found ${reinforced.join(" and ")}`
      if (weights.every((weight) => weight === 0)) return "Expected at least one weight above 0"
      // Sums and products of two rare operands are beyond the range, and drawing would never end.
      return (
        modular ||
        common > 0 ||
        weights[1] > 0 ||
        "Expected common above 0: sums of rare values alone are out of range where they are not modular"
      )
    })
  )
) {}

/** Plain integers below 30: one pass of a small model adds them up, so it is for demonstrations only. */
export const easyArithmetic = new ArithmeticOptions({
  values: 30,
  modular: false,
  steps: 4,
  weights: [0.45, 0.3, 0.25],
  common: 0.7,
  distractors: 0.04,
  canonicalLabels: false
})

interface Expression {
  readonly values: ReadonlyArray<number>
  readonly operators: ReadonlyArray<Operator>
}

/** The value of `a op b`, or null where plain arithmetic leaves the range. */
const apply = (a: number, operator: Operator, b: number, options: ArithmeticOptions): number | null => {
  const value = operator === "+" ? a + b : operator === "-" ? a - b : a * b
  if (options.modular) return ((value % options.values) + options.values) % options.values
  return value >= 0 && value < options.values ? value : null
}

/** Reducing operator `at` first leaves the value of the expression unchanged. */
const legal = ({ operators }: Expression, at: number): boolean => {
  const before = operators[at - 1]
  if (operators[at] === "*") return true
  return before !== "-" && before !== "*" && operators[at + 1] !== "*"
}

interface Reduction {
  readonly step: string
  /** Where its value stands in what is left. */
  readonly at: number
  readonly rest: Expression
}

const reductions = (expression: Expression, options: ArithmeticOptions): ReadonlyArray<Reduction> =>
  expression.operators.flatMap((operator, at) => {
    if (!legal(expression, at)) return []
    const a = expression.values[at]!
    const b = expression.values[at + 1]!
    const value = apply(a, operator, b, options)
    if (value === null) return []
    return [
      {
        step: `${a} ${operator} ${b} = ${value}`,
        at,
        rest: {
          values: [...expression.values.slice(0, at), value, ...expression.values.slice(at + 2)],
          operators: expression.operators.toSpliced(at, 1)
        }
      }
    ]
  })

const chain = (
  expression: Expression,
  options: ArithmeticOptions,
  choose: (from: ReadonlyArray<Reduction>) => Reduction
): { readonly steps: ReadonlyArray<string>; readonly answer: number } | null => {
  const steps: Array<string> = []
  let rest = expression
  while (rest.operators.length > 0) {
    const possible = reductions(rest, options)
    if (possible.length === 0) return null
    const taken = choose(possible)
    steps.push(taken.step)
    rest = taken.rest
  }
  return { steps, answer: rest.values[0]! }
}

/** What an expression comes to by any chain, or null where all of them leave the range. */
const valueOf = (expression: Expression, options: ArithmeticOptions): number | null => {
  if (expression.operators.length === 0) return expression.values[0]!
  for (const { rest } of reductions(expression, options)) {
    const value = valueOf(rest, options)
    if (value !== null) return value
  }
  return null
}

const print = ({ values, operators }: Expression): string =>
  values.map((value, i) => (i === 0 ? `${value}` : `${operators[i - 1]} ${value}`)).join(" ")

const parse = (question: string): Expression => {
  const symbols = question.split(" ; ")[0]!.split(" ")
  return {
    values: symbols.filter((_, i) => i % 2 === 0).map(Number),
    operators: symbols.filter((_, i) => i % 2 === 1) as Array<Operator>
  }
}

const stepPattern = /^\s*(\d+) ([-+*]) (\d+) = (\d+)\s*$/

const language = (options: ArithmeticOptions): StepLanguage => {
  const normalise = (text: string) => text.trim().replaceAll(/\s+/g, " ")
  const read: StepLanguage["read"] = (text) => {
    const match = stepPattern.exec(normalise(text))
    return match === null ? null : { operands: [match[1]!, match[3]!], result: match[4]! }
  }
  /** The ways in which texts can be the first steps. Two places of an expression may read alike: all of them are followed. */
  const taken = (problem: Problem, steps: ReadonlyArray<string>): ReadonlyArray<Reduction> => {
    let found: ReadonlyArray<Reduction> = [{ step: "", at: 0, rest: parse(problem.question) }]
    for (const step of steps.map(normalise)) {
      const states = new Map(found.map(({ rest }) => [print(rest), rest])).values()
      found = [...states].flatMap((state) => reductions(state, options)).filter((reduction) => reduction.step === step)
    }
    return found
  }
  return {
    read,
    normalise,
    resultText: (text) => text.split("=")[1]?.trim() ?? "",
    holds: (text) => {
      const match = stepPattern.exec(normalise(text))
      return (
        match !== null && apply(Number(match[1]), match[2] as Operator, Number(match[3]), options) === Number(match[4])
      )
    },
    goldSteps: (problem) => {
      const seen = new Set<string>()
      const gold = new Set<string>()
      const pending = [parse(problem.question)]
      while (pending.length > 0) {
        const expression = pending.pop()!
        for (const { rest, step } of reductions(expression, options)) {
          gold.add(step)
          const form = print(rest)
          if (!seen.has(form)) {
            seen.add(form)
            pending.push(rest)
          }
        }
      }
      return gold
    },
    solves: (problem, steps) =>
      taken(problem, steps).some(
        ({ rest: { operators, values } }) => operators.length === 0 && `${values[0]}` === problem.answer
      ),
    counterfactual: (problem, steps, result) => {
      const value = Number(result)
      if (steps.length === 0 || !/^\d+$/.test(result) || value >= options.values) return null
      const answers = taken(problem, steps).map(({ at, rest }) =>
        valueOf({ ...rest, values: rest.values.with(at, value) }, options)
      )
      const [answer] = answers
      return answer == null || answers.some((other) => other !== answer) ? null : `${answer}`
    },
    properties: (text) => {
      const match = stepPattern.exec(normalise(text))
      return match === null ? null : { operator: match[2]!, left: match[1]!, right: match[3]!, result: match[4]! }
    }
  }
}

const upTo = (fewest: number, most: number): ReadonlyArray<number> =>
  Array.from({ length: most - fewest + 1 }, (_, i) => fewest + i)

/** The arithmetic task of these options. */
export const arithmetic = (options: ArithmeticOptions): GeneratedTask => {
  const firstRare = Math.max(2, Math.ceil((options.values * 2) / 3))
  const longest = options.steps + 2

  const operand = (random: Draws, common: number): number =>
    random.uniform() < common ? random.integer(0, firstRare - 1) : random.integer(firstRare, options.values - 1)

  /** Operands of the hard set are rare but for one at most; all rare ones would be too few questions. */
  const operands = (random: Draws, variant: Variant, count: number): ReadonlyArray<number> => {
    const common = variant === "hard" ? random.integer(0, count) : null
    return Array.from({ length: count }, (_, i) =>
      operand(random, common === null ? options.common : common === i ? 1 : 0)
    )
  }

  const length = (random: Draws, variant: Variant): number => {
    if (variant === "simple") return Math.min(2, options.steps)
    if (variant === "distract") return random.integer(1, Math.min(2, options.steps))
    return variant === "long"
      ? random.integer(options.steps + 1, longest)
      : random.integer(options.fewest, options.steps)
  }

  const draw = (key: Key, variant: Variant, steps?: number): Problem<never> => {
    for (let attempt = 0; ; attempt++) {
      const random = draws(derive(key, attempt))
      const n = steps ?? length(random, variant)
      const expression: Expression = {
        values: operands(random, variant, n + 1),
        operators: Array.from({ length: n }, () => operators[random.weighted(options.weights)]!)
      }
      const solved = chain(expression, options, options.canonicalLabels ? (from) => from[0]! : random.choose)
      if (solved === null) continue
      const unused = variant === "distract" || random.uniform() < options.distractors
      const clause = unused ? ` ; x = ${operand(random, variant === "hard" ? 0 : options.common)}` : ""
      return { question: print(expression) + clause, steps: solved.steps, answer: `${solved.answer}` }
    }
  }

  return generated({
    name: options.modular ? `arithmetic modulo ${options.values}` : `arithmetic below ${options.values}`,
    symbols: [...operators, "=", ";", "x", ...Array.from({ length: options.values }, (_, value) => `${value}`)],
    steps: { train: options.steps, longest },
    chance: 1 / options.values,
    lengths: upTo(options.fewest, options.steps),
    reinforced: options.reinforced && upTo(...options.reinforced),
    draw,
    canonical: ({ question }) => question.split(" ; ")[0]!,
    language: language(options)
  })
}

/** By name: `--task arithmetic`, with `--set arithmetic.values=11` and the like. */
export const arithmeticTask = registered(
  "arithmetic",
  ArithmeticOptions,
  {
    values: 7,
    modular: true,
    steps: 3,
    weights: [0.5, 0.5, 0],
    common: 0.7,
    distractors: 0.04,
    canonicalLabels: false
  },
  arithmetic
)

/** Plain small integers by name: `--task easy`. */
export const easyTask = { name: "easy", of: () => arithmetic(easyArithmetic), run: {} } as const
