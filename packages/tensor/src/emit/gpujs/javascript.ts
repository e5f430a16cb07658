/** gpu.js's subset of JavaScript: the text that `gpu.createKernel` compiles for every mode. */
import { shortest } from "../../graph/number.ts"
import { address, type Axis } from "./threads.ts"
import type { BinaryFn, UnaryFn } from "../../graph/node.ts"
import type { Arithmetic, Dialect } from "./dialect.ts"
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

const comparison = { eq: "===", ne: "!==", lt: "<", le: "<=" } as const
const operator = { add: "+", sub: "-", mul: "*" } as const

/** Functions of a 32-bit float that are one themselves. */
const closed = new Set(["neg", "abs", "sign", "floor", "ceil", "round"])

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

  const unary: Dialect["unary"] = (fn, x) => {
    switch (fn) {
      case "neg":
        return `(-${x})`
      case "rsqrt":
        return `1 / Math.sqrt(${bare(x)})`
      case "sigmoid":
        return `1 / (1 + ${call("exp", `-${x}`)})`
      case "erf":
        return `erf(${bare(x)})`
      case "round":
        return `roundHalfToEven(${bare(x)})`
      default:
        return call(fn, x)
    }
  }

  return {
    literal: (value) => literal(value, isDouble ? String : shortest),
    constant: (name, value) => `const ${name} = ${value};`,
    variable: (name, value) => `let ${name} = ${value};`,
    loop: (name, extent, body) => block(`for (let ${name} = 0; ${name} < ${extent}; ${name}++) {`, body),
    load: (buffer, at, row) => `${argument(buffer)}[${address(at, axes, row)}]`,
    index: (at) => address(at, axes),
    isBelow: (axis, at) => `${axes[axis]!.text} < ${at}`,
    unary: (fn, x) => (closed.has(fn) ? unary(fn, x) : rounded(unary(fn, x))),
    binary: (fn, a, b, dtype) => {
      switch (fn) {
        case "max":
        case "min":
          return call(fn, a, b)
        case "pow":
          return rounded(
            dtype === "i32" ? `wholePower(${bare(a)}, ${bare(b)})` : `power(${bare(a)}, ${bare(b)}, inf, nan)`
          )
        case "div":
          return rounded(dtype === "i32" ? `quotient(${bare(a)}, ${bare(b)})` : `${a} / ${b}`)
        case "rem":
          if (isDouble && dtype === "f32") return `${a} % ${b}`
          return dtype === "i32"
            ? `remainder(${bare(a)}, ${bare(b)})`
            : `floatRemainder(${bare(a)}, ${bare(b)}, inf, nan)`
        default:
          return rounded(`${a} ${operator[fn]} ${b}`)
      }
    },
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
