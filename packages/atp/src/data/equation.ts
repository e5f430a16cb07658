/**
 * Equations as the step texts of word problems write them: `<<48/2=24>>`, `<<20*.5=10>>`, `<<(3+4)*2=14>>`, `<<10%=.1>>`.
 */
import type { Problem, Step, StepLanguage } from "./problem.ts"

const trimZeros = (value: number): string => String(Number(value.toPrecision(12)))

/** `.50` and `0.5` are one number; text that is no number stays as it is. */
export const canonicalNumber = (text: string): string => {
  const value = parseNumber(text)
  return value === null ? text.trim() : trimZeros(value)
}

/** `1,000`, `$5`, `.5`, `50%` (a half): the number a text states, or null. */
export const parseNumber = (text: string): number | null => {
  const bare = text.replaceAll(",", "").replaceAll("$", "").replaceAll(" ", "")
  const percent = bare.endsWith("%")
  const digits = percent ? bare.slice(0, -1) : bare
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(digits)) return null
  const value = Number(digits) / (percent ? 100 : 1)
  return Number.isFinite(value) ? value : null
}

interface Evaluated {
  readonly value: number
  readonly operands: ReadonlyArray<string>
}

/** Parentheses and signs within one another; nobody writes more, and a reader that recurses is safe below this. */
const mostDepth = 100

/**
 * The value of an arithmetic expression over `+ - * / x ( )`, numbers and percentages, with the numbers it mentions; null
 * if it is not one, divides by zero, or nests deeper than anyone writes.
 */
export const evaluateExpression = (text: string): Evaluated | null => {
  const tokens = text.replaceAll(",", "").match(/\d+\.?\d*%?|\.\d+%?|[-+*/x()]|\S/g) ?? []
  const operands: Array<string> = []
  let at = 0
  let depth = 0
  const within = (inner: () => number | null): number | null => {
    if (depth === mostDepth) return null
    depth++
    const value = inner()
    depth--
    return value
  }
  const atom = (): number | null => {
    const token = tokens[at++]
    if (token === undefined) return null
    if (token === "(") {
      const inside = within(sum)
      return tokens[at++] === ")" ? inside : null
    }
    if (token === "-" || token === "+") {
      const value = within(atom)
      return value === null ? null : token === "-" ? -value : value
    }
    const value = parseNumber(token)
    if (value !== null) operands.push(token)
    return value
  }
  const product = (): number | null => {
    let left = atom()
    while (left !== null && (tokens[at] === "*" || tokens[at] === "x" || tokens[at] === "/" || tokens[at] === "(")) {
      const operator = tokens[at] === "(" ? "*" : tokens[at++]
      const right = atom()
      left = right === null || (operator === "/" && right === 0) ? null : operator === "/" ? left / right : left * right
    }
    return left
  }
  const sum = (): number | null => {
    let left = product()
    while (left !== null && (tokens[at] === "+" || tokens[at] === "-")) {
      const operator = tokens[at++]
      const right = product()
      left = right === null ? null : operator === "+" ? left + right : left - right
    }
    return left
  }
  const value = sum()
  return value === null || at < tokens.length || !Number.isFinite(value) ? null : { value, operands }
}

/** The two sides of the one `=` of an equation, with or without the signs around it. */
const sides = (text: string): { readonly left: string; readonly right: string } | null => {
  const bare = text.trim()
  const equation = bare.slice(bare.startsWith("<<") ? 2 : 0, bare.endsWith(">>") ? -2 : undefined)
  const [left, right, ...more] = equation.split("=", 3)
  return right === undefined || more.length > 0 || /[<>]/.test(equation)
    ? null
    : { left: left!.trim(), right: right.trim() }
}

/** The operands and result of `<<a+b=c>>`, numbers in one spelling; null unless both sides are arithmetic. */
export const readEquation = (text: string): Step | null => {
  const parts = sides(text)
  if (parts === null) return null
  const left = evaluateExpression(parts.left)
  const right = parseNumber(parts.right)
  return left === null || right === null
    ? null
    : { operands: left.operands.map(canonicalNumber), result: trimZeros(right) }
}

/** Whether `<<a+b=c>>` is true, to the precision the result is written with (a third may be written 0.33). */
export const equationHolds = (text: string): boolean => {
  const parts = sides(text)
  const left = parts === null ? null : evaluateExpression(parts.left)
  const right = parts === null ? null : parseNumber(parts.right)
  if (left === null || right === null) return false
  const decimals = /\.(\d+)/.exec(parts!.right)?.[1]?.length ?? 0
  return Math.abs(left.value - right) <= 0.5 * 10 ** -decimals + 1e-9 * Math.abs(right)
}

const normalise = (text: string): string => {
  const parts = sides(text)
  return parts === null
    ? text.replaceAll(/\s/g, "")
    : `${parts.left.replaceAll(/[\s,]/g, "")}=${canonicalNumber(parts.right)}`
}

/**
 * The language of word problems: steps are equations, and a chain is judged by its truth and where it ends.
 *
 * @example
 * Task.equations.read("<<(3+4)*2=14>>") // => { operands: ["3", "4", "2"], result: "14" }
 * Task.equations.holds("<<1/3=0.33>>", problem) // => true
 * Task.equations.solves(problem, ["<<2+3=5>>", "<<5+5=10>>"]) // => true
 */
export const equations: StepLanguage = {
  read: readEquation,
  resultText: (text) => {
    const from = text.indexOf("=")
    const to = text.indexOf(">>", from)
    return from === -1 || to === -1 ? "" : text.slice(from + 1, to).trim()
  },
  holds: (text) => equationHolds(text),
  goldSteps: (problem) => new Set(problem.steps.map(normalise)),
  normalise,
  solves: (problem: Problem, steps) =>
    steps.length > 0 &&
    steps.every(equationHolds) &&
    readEquation(steps.at(-1)!)?.result === canonicalNumber(problem.answer)
}
