/** WGSL, for the kernels of our own that run beside gpu.js's on the same device. Values are f32 as everywhere here. */
import type { Affine } from "../../../kernel/ir.ts"
import type { BinaryTexts, Dialect, UnaryTexts } from "../dialect.ts"
import { calledFrom } from "../functions/index.ts"
import { block, sum } from "../text.ts"

const literal = (value: number): string => {
  if (Number.isNaN(value)) return "special(0x7fc00000u)"
  const rounded = Math.fround(value)
  if (rounded === Infinity) return "special(0x7f800000u)"
  if (rounded === -Infinity) return "special(0xff800000u)"
  const text = String(rounded)
  const float = /[.e]/.test(text) ? text : `${text}.0`
  return rounded < 0 || Object.is(rounded, -0) ? `(${float === "0.0" ? "-0.0" : float})` : float
}

/** Infinities and NaN, out of reach of the compiler's constant evaluation, which rejects them. */
export const special = `var<private> hidden : u32 = 0u;
fn special(bits : u32) -> f32 {
  return bitcast<f32>(bits | hidden);
}`

/** An affine map over i32 variables. */
export const place = (at: Affine, axes: ReadonlyArray<string>): string =>
  sum(
    at.strides.map((stride, axis): readonly [number, string] => [stride, axes[axis]!]),
    at.offset
  )

const comparison = { eq: "==", lt: "<", le: "<=" } as const
const infinity = literal(Infinity)
const nan = literal(NaN)

const call = (name: string) => (x: string) => `${name}(${x})`

const unary: UnaryTexts = {
  neg: call("-"),
  abs: call("abs"),
  sign: call("signOf"),
  exp: call("exponential"),
  log: (x) => `logarithm(${x}, ${infinity}, ${nan})`,
  sqrt: call("sqrt"),
  rsqrt: call("inverseSqrt"),
  sin: (x) => `turned(${x}, 0.0, ${infinity}, ${nan})`,
  cos: (x) => `turned(${x}, 1.0, ${infinity}, ${nan})`,
  tanh: call("hyperbolicTangent"),
  erf: call("erf"),
  sigmoid: (x) => `1.0 / (1.0 + exponential(-${x}))`,
  floor: call("floor"),
  ceil: call("ceil"),
  round: call("roundHalfToEven")
}

/** As in gpu.js's kernels: a zero that the driver does not see, since it takes 0 * x and 0 / x for 0 whatever x is. */
const unseen = (x: string): string => (x === "0.0" ? "special(0u)" : x === "(-0.0)" ? "special(0x80000000u)" : x)

const binary: BinaryTexts = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${unseen(a)} * ${unseen(b)}`,
  div: (a, b, dtype) => (dtype === "i32" ? `quotient(${a}, ${b})` : `${unseen(a)} / ${b}`),
  rem: (a, b, dtype) => (dtype === "i32" ? `remainder(${a}, ${b})` : `floatRemainder(${a}, ${b}, ${infinity}, ${nan})`),
  pow: (a, b, dtype) => (dtype === "i32" ? `wholePower(${a}, ${b})` : `power(${a}, ${b}, ${infinity}, ${nan})`),
  max: (a, b) => `larger(${a}, ${b})`,
  min: (a, b) => `smaller(${a}, ${b})`
}

/** `axes` name i32 variables; buffers are arrays named by `buffer`. */
export const wgsl = (axes: ReadonlyArray<string>, buffer: (param: number) => string): Dialect => ({
  literal,
  constant: (name, value) => `let ${name} = ${value};`,
  variable: (name, value) => `var ${name} = ${value};`,
  loop: (name, extent, body) => block(`for (var ${name} = 0; ${name} < ${extent}; ${name}++) {`, body),
  load: (param, at, row) =>
    row === undefined
      ? `${buffer(param)}[${place(at, axes)}]`
      : `${buffer(param)}[i32(${row.text}) * ${row.stride} + ${place(at, axes)}]`,
  index: (at) => `f32(${place(at, axes)})`,
  isBelow: (axis, at) => `${axes[axis]!} < ${at}`,
  unary: (fn, x) => unary[fn](x),
  binary: (fn, a, b, dtype) => binary[fn](a, b, dtype),
  compare: (fn, a, b) => (fn === "ne" ? `!(${a} == ${b})` : `${a} ${comparison[fn]} ${b}`),
  select: (condition, yes, no) => `select(${no}, ${yes}, ${condition})`,
  toInteger: (x) => `toInteger(${x})`,
  sumsAreWide: false,
  term: (a, b) => `${a} * ${b}`,
  total: (sum) => sum,
  product: () => "product"
})

/** The functions that `text` calls, from their JavaScript: our own few constructs, each with one meaning in WGSL. */
export const functionsFor = (text: string): ReadonlyArray<string> =>
  calledFrom(text).map((source) =>
    source
      .replace(/function (\w+)\(([^)]*)\)/, (_, name: string, params: string) => {
        const typed = params.split(", ").map((param) => `${param} : f32`)
        return `fn ${name}(${typed.join(", ")}) -> f32`
      })
      .replace(/for \(let (\w+) = 0; \1 < (\d+);/g, "for (var $1 = 0i; $1 < $2i;")
      .replace(/\bconst /g, "let ")
      .replace(/\blet (\w+) = ([^;]*);/g, (whole, name: string, value: string) =>
        new RegExp(`^\\s*${name} = `, "m").test(source) ? `var ${name} = ${value};` : whole
      )
      .replace(/Math\./g, "")
      .replace(/===/g, "==")
      .replace(/!==/g, "!=")
      .replace(/return ([^;?]*) \? ([^;:]*) : ([^;]*);/g, "return select($3, $2, $1);")
      .replace(/(?<![\w.])\d+(\.\d+)?(e[+-]?\d+)?\b/g, (number) => (/[.e]/.test(number) ? number : `${number}.0`))
  )
