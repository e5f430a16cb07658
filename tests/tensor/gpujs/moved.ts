/** Whole numbers of all 32 bits that are moved, not computed with: exact on a device whose values are floats. */
import * as build from "@noema/tensor/graph"
import * as fc from "fast-check"
import type { Case } from "../matrix/case.ts"
import { exact } from "../matrix/agreement.ts"
import { type Range, sample, seeds } from "../matrix/sample.ts"

const bits: Range = { low: -(2 ** 31), high: 2 ** 31 - 1, special: [2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, -1, 65_535] }
const bool: Range = { low: 0, high: 1 }
const side = fc.integer({ min: 1, max: 9 })

export const moved: ReadonlyArray<Case> = [
  {
    name: "whole numbers moved",
    group: "views",
    tolerance: exact,
    samples: fc.tuple(side, side, seeds).map(([rows, columns, seed]) => {
      const x = build.input("x", [rows, columns], "i32")
      const y = build.input("y", [rows, columns], "i32")
      const mask = build.input("mask", [rows, columns], "bool")
      const index = build.input("index", [4], "i32")
      const small = build.compare("lt", x, build.broadcast(build.scalar(0, "i32"), x.sizes, []))
      const either = build.select(mask, x, y)
      const both = build.permute(build.concat([either, y], 1), [1, 0])
      const most = build.broadcast(build.scalar(2 ** 31 - 1, "i32"), x.sizes, [])
      return sample(
        [
          build.pad(both, [1, 0], [0, 2], -123_456_789),
          build.slice(both, [0, 0], [columns + 1, rows]),
          build.reshape(build.select(small, x, most), [columns * rows]),
          build.gather(either, index)
        ],
        [
          [x, bits],
          [y, bits],
          [mask, bool],
          [index, { low: 0, high: rows - 1, grid: 1 }]
        ],
        seed
      )
    })
  },
  {
    name: "keys picked from many",
    group: "rows and random",
    tolerance: exact,
    samples: fc.tuple(side, fc.nat(8), seeds).map(([count, at, seed]) => {
      const keys = build.input("keys", [count, 2], "i32")
      const other = build.input("other", [2], "i32")
      const choice = build.input("choice", [2], "bool")
      const row = at % count
      const picked = build.reshape(build.slice(keys, [row, 0], [1, 2]), [2])
      const key = build.select(choice, picked, other)
      return sample(
        [build.uniform(key, [5]), build.foldIn(key, 3), build.uniform(build.foldIn(picked, 1), [3])],
        [
          [keys, bits],
          [other, bits],
          [choice, bool]
        ],
        seed
      )
    })
  }
]
