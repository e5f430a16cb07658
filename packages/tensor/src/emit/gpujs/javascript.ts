/** gpu.js's subset of JavaScript: the text that `gpu.createKernel` compiles for every mode. */
import { shortest } from "../../graph/number.ts"
import { address, type Axis } from "./threads.ts"
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

/** Functions that JavaScript has in full precision and other languages do not. */
const full = new Set(["tanh", "sin", "cos", "log"])

/** Functions of a 32-bit float that are one themselves. */
const closed = new Set(["neg", "abs", "sign", "floor", "ceil", "round"])

/** `axes` are the texts of all loop axes: parallel, then row. */
export const javascript = (axes: ReadonlyArray<Axis>, arithmetic: Arithmetic): Dialect => {
  const isDouble = arithmetic === "double"
  const rounded = (text: string): string => (isDouble ? `Math.fround(${bare(text)})` : text)

  const unary: Dialect["unary"] = (fn, x) => {
    if (isDouble && full.has(fn)) return `Math.${fn}(${bare(x)})`
    switch (fn) {
      case "neg":
        return `(-${x})`
      case "rsqrt":
        return `1 / Math.sqrt(${bare(x)})`
      case "sigmoid":
        return `1 / (1 + Math.exp(-${x}))`
      case "tanh":
        return `hyperbolicTangent(${bare(x)})`
      case "sin":
        return `turned(${bare(x)}, 0)`
      case "cos":
        return `turned(${bare(x)}, 1)`
      case "log":
        return `logarithm(${bare(x)})`
      case "erf":
        return `erf(${bare(x)})`
      case "round":
        return `roundHalfToEven(${bare(x)})`
      default:
        return `Math.${fn}(${bare(x)})`
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
          return `Math.${fn}(${bare(a)}, ${bare(b)})`
        case "pow":
          return rounded(`${dtype === "i32" ? "wholePower" : "power"}(${bare(a)}, ${bare(b)})`)
        case "div":
          return rounded(dtype === "i32" ? `quotient(${bare(a)}, ${bare(b)})` : `${a} / ${b}`)
        case "rem":
          if (isDouble && dtype === "f32") return `${a} % ${b}`
          return dtype === "i32" ? `remainder(${bare(a)}, ${bare(b)})` : `floatRemainder(${bare(a)}, ${bare(b)})`
        default:
          return rounded(`${a} ${operator[fn]} ${b}`)
      }
    },
    compare: (fn, a, b) => `${a} ${comparison[fn]} ${b}`,
    select: (condition, yes, no) => `(${condition}) ? ${yes} : ${no}`,
    toInteger: (x) => `toInteger(${bare(x)})`,
    // A sum of doubles takes products whole.
    term: (a, b) => `${a} * ${b}`,
    total: rounded,
    product: () => "product"
  }
}
