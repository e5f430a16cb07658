/** Functions where little is left of them. */
import { Tensor } from "@noema/tensor"
import { floats, type Known } from "./known.ts"

const f32 = Math.fround
const small = [1e-30, -1e-10, 1e-7, -3e-5, 1e-3, 0.2].map(f32)

export const tails: ReadonlyArray<Known> = [
  {
    name: "softplus and logSigmoid keep their digits in their tails",
    given: [floats(-20, -50, -80)],
    of: (x) => [Tensor.softplus(x), Tensor.logSigmoid(Tensor.neg(x) as never)],
    right: [1, -1].map((sign) => [-20, -50, -80].map((x) => sign * Math.log1p(Math.exp(x)))),
    within: { ulps: 8, absolute: 0 },
    onGraphics: { ulps: 200, absolute: 0 }
  },
  {
    name: "log1p and expm1 keep their digits near 0",
    given: [floats(...small)],
    of: (x) => [Tensor.log1p(x), Tensor.expm1(x)],
    right: [small.map(Math.log1p), small.map(Math.expm1)],
    within: { ulps: 4, absolute: 0 }
  },
  {
    name: "exp goes down to the smallest normal number",
    given: [floats(-86.5, -87, -87.3)],
    of: (x) => [Tensor.exp(x)],
    right: [[-86.5, -87, -87.3].map((x) => Math.exp(f32(x)))],
    within: { ulps: 2, absolute: 0 },
    onGraphics: { ulps: 200, absolute: 0 }
  }
]
