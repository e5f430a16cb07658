/** Products large enough for the tiled kernel: every pair of transposes, batches, edges that do not fill a tile. */
import * as build from "@noema/tensor/graph"
import * as fc from "fast-check"
import type { Case } from "../tensor/matrix/case.ts"
import { sample, seeds, unit } from "../tensor/matrix/sample.ts"

const side = fc.oneof(fc.constantFrom(16, 64, 128), fc.integer({ min: 17, max: 150 }))

/** [batch, m, k] x [batch, k, n], either transposed, then `max(p + bias, 0)`. */
const product = (
  name: string,
  batches: fc.Arbitrary<number>,
  edge: fc.Arbitrary<number>,
  depth: fc.Arbitrary<number>
): Case => ({
  name,
  group: "products",
  tolerance: { ulps: 4, absolute: 1e-4 },
  samples: fc
    .tuple(batches, edge, edge, depth, fc.boolean(), fc.boolean(), seeds)
    .map(([batch, m, n, k, left, right, seed]) => {
      const a = build.input("a", left ? [batch, k, m] : [batch, m, k], "f32")
      const b = build.input("b", right ? [batch, n, k] : [batch, k, n], "f32")
      const bias = build.input("bias", [n], "f32")
      const dot = build.dot(a, b, [[0, 0]], [[left ? 1 : 2, right ? 2 : 1]])
      const sum = build.binary("add", dot, build.broadcast(bias, dot.sizes, [2]))
      const zero = build.broadcast(build.scalar(0, "f32"), dot.sizes, [])
      return sample(
        [build.binary("max", sum, zero)],
        [
          [a, unit],
          [b, unit],
          [bias, unit]
        ],
        seed
      )
    })
})

export const products: ReadonlyArray<Case> = [
  product("tiled product with an epilogue", fc.integer({ min: 1, max: 3 }), side, side),
  product(
    "product in large tiles",
    fc.integer({ min: 50, max: 55 }),
    fc.integer({ min: 129, max: 150 }),
    fc.integer({ min: 16, max: 24 })
  )
]
