/** Access by rows, and random numbers. */
import * as build from "@noema/tensor/graph"
import type { DType } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact } from "./agreement.ts"
import type { Case } from "./case.ts"
import { atLeastOne, type Range, sample, seeds, size, sizes, unit } from "./sample.ts"

const group = "rows and random"
const word: Range = { low: -(2 ** 31), high: 2 ** 31 - 1, special: [0, 1, -1] }
const indices = fc.array(size, { maxLength: 2 })
const rest = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 })
/** Some indices are out of range on both sides. */
const around = (rows: number): Range => ({ low: -2, high: rows + 1 })

const gather: Case = {
  name: "gather",
  group,
  tolerance: exact,
  samples: fc
    .tuple(atLeastOne, rest, indices, fc.constantFrom<DType>("f32", "i32", "bool"), seeds)
    .filter(([rows, width, shape]) => build.count([...width, ...shape]) <= 3000 && rows * build.count(width) <= 3000)
    .map(([rows, width, shape, dtype, seed]) => {
      const table = build.input("table", [rows, ...width], dtype)
      const index = build.input("index", shape, "i32")
      return sample(
        [build.gather(table, index)],
        [
          [table, { low: -50, high: 50 }],
          [index, around(rows)]
        ],
        seed
      )
    })
}

const scatterAdd = (dtype: DType): Case => ({
  name: `scatterAdd${dtype === "f32" ? "" : ` (${dtype})`}`,
  group,
  tolerance: { ulps: 4, absolute: 2e-5 },
  samples: fc
    .tuple(size, rest, indices, seeds)
    .filter(([rows, width, shape]) => build.count([...width, ...shape]) <= 3000 && rows * build.count(width) <= 3000)
    .map(([rows, width, shape, seed]) => {
      const index = build.input("index", shape, "i32")
      const updates = build.input("updates", [...shape, ...width], dtype)
      return sample(
        [build.scatterAdd(index, updates, rows)],
        [
          [index, around(rows)],
          [updates, dtype === "f32" ? unit : { low: -50, high: 50 }]
        ],
        seed
      )
    })
})

const put: Case = {
  name: "put",
  group,
  tolerance: exact,
  samples: fc
    .tuple(rest, size, size, rest, fc.constantFrom<DType>("f32", "i32", "bool"), fc.boolean(), seeds)
    .filter(([outer, n, , inner]) => build.count([...outer, n, ...inner]) <= 3000)
    .filter(([outer, , m, inner]) => build.count([...outer, m, ...inner]) <= 3000)
    .map(([outer, n, m, inner, dtype, twice, seed]) => {
      const into = build.input("into", [...outer, n, ...inner], dtype)
      const part = build.input("part", [...outer, m, ...inner], dtype)
      const at = build.input("at", [], "i32")
      const once = build.put(into, part, at, outer.length)
      // The second may take over the memory of the first.
      const start = build.constant(Int32Array.of(1), [], "i32")
      return sample(
        [twice ? build.put(once, part, start, outer.length) : once],
        [
          [into, { low: -50, high: 50 }],
          [part, { low: -50, high: 50 }],
          [at, { low: -m - 2, high: n + 2 }]
        ],
        seed
      )
    })
}

const domain = fc.constantFrom(...Object.values(build.domains))

const uniform: Case = {
  name: "uniform",
  group,
  tolerance: exact,
  samples: fc.tuple(sizes, domain, seeds).map(([shape, domain, seed]) => {
    const key = build.input("key", [2], "i32")
    return sample([build.uniform(key, shape, domain)], [[key, word]], seed)
  })
}

const foldIn: Case = {
  name: "foldIn",
  group,
  tolerance: exact,
  samples: fc.tuple(fc.option(fc.integer({ min: 0, max: 9999 })), domain, seeds).map(([data, domain, seed]) => {
    const key = build.input("key", [2], "i32")
    if (data !== null) return sample([build.foldIn(key, data, domain)], [[key, word]], seed)
    const counter = build.input("counter", [], "i32")
    return sample(
      [build.foldIn(key, counter, domain)],
      [
        [key, word],
        [counter, word]
      ],
      seed
    )
  })
}

export const rows: ReadonlyArray<Case> = [gather, scatterAdd("f32"), scatterAdd("i32"), put, uniform, foldIn]
