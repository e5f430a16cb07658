/** What is computed before a program runs is what devices would have computed: constants are f32, and so are sums of them. */
import { Tensor } from "@noema/tensor"
import { unary } from "@noema/tensor/graph"
import { floats, type Known } from "./known.ts"

const f32 = Math.fround

/** Operations on numbers, and on an input that holds the same numbers. */
const both = (values: ReadonlyArray<number>, fn: (...values: ReadonlyArray<any>) => any) => {
  return (x: any): ReadonlyArray<Tensor.AnyTensor> => {
    const folded = fn(...values.map((value) => Tensor.scalar(value)))
    const computed = fn(...values.map((_, i) => Tensor.at(x, 0, i)))
    return [Tensor.eq(folded, computed) as Tensor.AnyTensor]
  }
}

const agreement = (name: string, values: ReadonlyArray<number>, fn: (...values: ReadonlyArray<any>) => any): Known => ({
  name: `folded as computed: ${name}`,
  given: [floats(...values)],
  of: both(values, fn),
  right: [[1]]
})

const byTheDriver = "drivers compute constant expressions themselves, more exactly than the device would"
const approximate: Known["except"] = { webgpu: byTheDriver, webgl2: byTheDriver, headlessgl: byTheDriver }

export const folding: ReadonlyArray<Known> = [
  {
    name: "constants are f32 before anything is made of them",
    given: [],
    of: () => [
      Tensor.floor(Tensor.scalar(0.99999999)),
      Tensor.cast(Tensor.scalar(16_777_217), "i32"),
      Tensor.eq(Tensor.scalar(0.1), Tensor.scalar(f32(0.1))),
      Tensor.isFinite(Tensor.scalar(1e39)),
      Tensor.sign(Tensor.scalar(1e-50)),
      Tensor.cast(Tensor.scalar(16_777_217, "i32"), "f32"),
      Tensor.cast(Tensor.scalar(1e-50), "bool"),
      Tensor.cast(Tensor.scalar(-0.5), "i32"),
      Tensor.pad(Tensor.floor(Tensor.full([1], 0.99999999)), [[1, 1]], 0.99999999)
    ],
    right: [[1], [16_777_216], [1], [0], [0], [16_777_216], [0], [0], [1, 1, 1]]
  },
  agreement("sums", [0.1, 0.2], (a, b) => Tensor.add(a, b)),
  agreement("differences", [0.3, 0.1], (a, b) => Tensor.sub(a, b)),
  agreement("products", [0.1, 0.7], (a, b) => Tensor.mul(a, b)),
  { ...agreement("quotients", [1, 3], (a, b) => Tensor.div(a, b)), except: approximate },
  agreement("exact quotients", [6, -4], (a, b) => Tensor.div(a, b)),
  agreement("overflow", [3e38, 2], (a, b) => Tensor.mul(a, b)),
  ...(["floor", "ceil", "round", "abs", "neg"] as const).map((fn) =>
    agreement(fn, [0.7], (x) => Tensor.fromNode(unary(fn, x.node)))
  ),
  ...(["exp", "log", "sqrt", "rsqrt", "tanh", "sin", "sigmoid", "erf"] as const).map((fn) => ({
    ...agreement(fn, [0.7], (x) => Tensor.fromNode(unary(fn, x.node))),
    except: approximate
  })),
  agreement("max and min", [0.1, 0.7], (a, b) => Tensor.add(Tensor.maximum(a, b) as any, Tensor.minimum(a, b) as any)),
  agreement("comparisons", [0.1, 0.7], (a, b) =>
    Tensor.cast(Tensor.lt(Tensor.add(a, b) as any, Tensor.add(b, a) as any), "f32")
  )
]
