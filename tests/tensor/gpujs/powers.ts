/** Powers where floats need care: of negative numbers, and of whole numbers, which must stay whole. */
import * as build from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact } from "../matrix/agreement.ts"
import type { Case } from "../matrix/case.ts"
import { sample, seeds } from "../matrix/sample.ts"

export const powers: ReadonlyArray<Case> = [
  {
    name: "pow of negative numbers",
    group: "elementwise",
    tolerance: { ulps: 4, absolute: 1e-6 },
    samples: fc.tuple(fc.integer({ min: 1, max: 40 }), seeds).map(([n, seed]) => {
      const [x, y] = [build.input("x", [n], "f32"), build.input("y", [n], "f32")]
      return sample(
        [build.binary("pow", x, y)],
        [
          [x, { low: -4, high: 2, grid: 0.5, special: [-1, 0, 1] }],
          [y, { low: -3, high: 4, grid: 0.5, special: [0, 1, 3, Infinity, -Infinity] }]
        ],
        seed
      )
    })
  },
  {
    name: "pow of whole numbers",
    group: "elementwise",
    tolerance: exact,
    samples: fc.tuple(fc.integer({ min: 1, max: 40 }), seeds).map(([n, seed]) => {
      const [x, y] = [build.input("x", [n], "i32"), build.input("y", [n], "i32")]
      const power = build.binary("pow", x, y)
      return sample(
        [power, build.cast(power, "f32")],
        [
          [x, { low: -5, high: 5, special: [-1, 0, 1] }],
          [y, { low: -3, high: 10 }]
        ],
        seed
      )
    })
  }
]
