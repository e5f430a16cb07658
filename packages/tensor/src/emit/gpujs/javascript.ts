/** gpu.js's subset of JavaScript: the text that `gpu.createKernel` compiles for every mode. */
import { shortest } from "../../graph/number.ts"
import { address, type Axis } from "./threads.ts"
import type { BinaryFn, UnaryFn } from "../../graph/node.ts"
import type { Arithmetic, BinaryTexts, Dialect, UnaryTexts } from "./dialect.ts"
import { bare, block } from "./text.ts"

/** Arguments of an emitted kernel are named in order. */
export const argument = (position: number): string => "abcdefg"[position]!

/** A 32-bit float; what no literal can say is passed in as the scalar argument `inf` or `nan`. */
const literal = (value: number, digits: (value: number) => string): string => {
  if (Number.isNaN(value)) return "nan"
  if (value === Infinity) return "inf"
  if (value === -Infinity) return "(0 - inf)"
  const rounded = Math.fround(value)
  if (Math.abs(rounded) === Infinity) return rounded > 0 ? "inf" : "(0 - inf)"
  const text = digits(rounded)
  return value < 0 || Object.is(value, -0) ? `(-${text.replace("-", "")})` : text
}

/**
 * A factor or a numerator, with a zero that drivers do not see: they take 0 * x and 0 / x for 0, where x may be NaN, infinite
 * or, below a fraction, 0 as well.
 */
const unseen = (x: string): string => (x === "0" ? "zero" : x === "(-0)" ? "(-zero)" : x)

const comparison = { eq: "===", ne: "!==", lt: "<", le: "<=" } as const

type Texts = Partial<Record<UnaryFn | BinaryFn, (...x: ReadonlyArray<string>) => string>>

/** Functions of ours in place of those that a shading language has, or has not. */
const shading: Texts = {
  exp: (x) => `exponential(${x})`,
  log: (x) => `logarithm(${x}, inf, nan)`,
  sin: (x) => `turned(${x}, 0, inf, nan)`,
  cos: (x) => `turned(${x}, 1, inf, nan)`,
  tanh: (x) => `hyperbolicTangent(${x})`,
  sign: (x) => `signOf(${x})`,
  max: (a, b) => `larger(${a}, ${b})`,
  min: (a, b) => `smaller(${a}, ${b})`
}

/** `axes` are the texts of all loop axes: parallel, then row. */
export const javascript = (axes: ReadonlyArray<Axis>, arithmetic: Arithmetic): Dialect => {
  const isDouble = arithmetic === "double"
  const own: Texts = arithmetic === "shading" ? shading : {}
  const rounded = (text: string): string => (isDouble ? `Math.fround(${bare(text)})` : text)
  const call = (fn: UnaryFn | BinaryFn, ...x: ReadonlyArray<string>): string =>
    own[fn]?.(...x.map(bare)) ?? `Math.${fn}(${x.map(bare).join(", ")})`

  /** A function of a 32-bit float that is one itself, or has to be rounded to one. */
  const closed = (fn: UnaryFn | BinaryFn) => (x: string) => call(fn, x)
  const open = (fn: UnaryFn | BinaryFn) => (x: string) => rounded(call(fn, x))
  const infix = (operator: string) => (a: string, b: string) => rounded(`${a} ${operator} ${b}`)

  const unary: UnaryTexts = {
    neg: (x) => `(-${x})`,
    abs: closed("abs"),
    sign: closed("sign"),
    exp: open("exp"),
    log: open("log"),
    sqrt: open("sqrt"),
    rsqrt: (x) => rounded(`1 / Math.sqrt(${bare(x)})`),
    sin: open("sin"),
    cos: open("cos"),
    tanh: open("tanh"),
    erf: (x) => rounded(`erf(${bare(x)})`),
    sigmoid: (x) => rounded(`1 / (1 + ${call("exp", `-${x}`)})`),
    floor: closed("floor"),
    ceil: closed("ceil"),
    round: (x) => `roundHalfToEven(${bare(x)})`
  }

  const binary: BinaryTexts = {
    add: infix("+"),
    sub: infix("-"),
    mul: (a, b) => (arithmetic === "shading" ? `${unseen(a)} * ${unseen(b)}` : rounded(`${a} * ${b}`)),
    div: (a, b, dtype) => {
      if (dtype === "i32") return rounded(`quotient(${bare(a)}, ${bare(b)})`)
      return rounded(`${arithmetic === "shading" ? unseen(a) : a} / ${b}`)
    },
    rem: (a, b, dtype) => {
      if (isDouble && dtype === "f32") return `${a} % ${b}`
      return dtype === "i32" ? `remainder(${bare(a)}, ${bare(b)})` : `floatRemainder(${bare(a)}, ${bare(b)}, inf, nan)`
    },
    pow: (a, b, dtype) =>
      rounded(dtype === "i32" ? `wholePower(${bare(a)}, ${bare(b)})` : `power(${bare(a)}, ${bare(b)}, inf, nan)`),
    max: (a, b) => call("max", a, b),
    min: (a, b) => call("min", a, b)
  }

  return {
    literal: (value) => literal(value, isDouble ? String : shortest),
    constant: (name, value) => `const ${name} = ${value};`,
    variable: (name, value) => `let ${name} = ${value};`,
    loop: (name, extent, body) => block(`for (let ${name} = 0; ${name} < ${extent}; ${name}++) {`, body),
    load: (buffer, at, row) => `${argument(buffer)}[${address(at, axes, row)}]`,
    index: (at) => address(at, axes),
    isBelow: (axis, at) => `${axes[axis]!.text} < ${at}`,
    unary: (fn, x) => unary[fn](x),
    binary: (fn, a, b, dtype) => binary[fn](a, b, dtype),
    // Where NaN is not known, it is not different from others either.
    compare: (fn, a, b) =>
      fn === "ne" && arithmetic === "shading" ? `!(${a} === ${b})` : `${a} ${comparison[fn]} ${b}`,
    select: (condition, yes, no) => `(${condition}) ? ${yes} : ${no}`,
    toInteger: (x) => `toInteger(${bare(x)})`,
    sumsAreWide: isDouble,
    // A sum of doubles takes products whole.
    term: (a, b) => `${a} * ${b}`,
    total: rounded,
    product: () => "product"
  }
}
