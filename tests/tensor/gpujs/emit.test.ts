/** The emitted text: what it looks like, and what gpu.js needs of it. */
import { readFileSync } from "node:fs"
import * as build from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import { assemble, type Blocking, gemmShader, kernelText, type Pass, type Target, tileFor } from "@noema/tensor/gpujs"
import { gpujsOptions, lower, type LoopKernel } from "@noema/tensor/kernel"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { randomGraph } from "../kernel/graphs.ts"
import { long } from "./long.ts"
import { moved } from "./moved.ts"
import { wide } from "./wide.ts"

const passes = (inputs: ReadonlyArray<Node>, outputs: ReadonlyArray<Node>, target?: Target): ReadonlyArray<Pass> =>
  assemble(lower({ inputs, outputs }, gpujsOptions), target).passes

const sources = (inputs: ReadonlyArray<Node>, outputs: ReadonlyArray<Node>, target?: Target): string =>
  passes(inputs, outputs, target)
    .map((pass) =>
      pass.kind === "kernel"
        ? [`// ${pass.name}, output [${pass.text.output.join(", ")}]`, pass.text.source, ...pass.text.functions].join(
            "\n"
          )
        : `// ${pass.kind}`
    )
    .join("\n\n")
    .concat("\n")

const along = (x: Node, like: Node, axes: ReadonlyArray<number>): Node => build.broadcast(x, like.sizes, axes)

const softmax = (x: Node): Node => {
  const largest = build.reduce("max", x, [x.sizes.length - 1])
  const axes = largest.sizes.map((_, axis) => axis)
  const powers = build.unary("exp", build.binary("sub", x, along(largest, x, axes)))
  return build.binary("div", powers, along(build.reduce("sum", powers, [x.sizes.length - 1]), x, axes))
}

describe("the text of", () => {
  it("softmax times a matrix", () => {
    const x = build.input("x", [48, 64], "f32")
    const v = build.input("v", [64, 32], "f32")
    return expect(sources([x, v], [build.dot(softmax(x), v, [], [[1, 0]])])).toMatchFileSnapshot(
      "./text/softmax-matmul.txt"
    )
  })

  it("a product with bias and GELU", () => {
    const x = build.input("x", [24, 16], "f32")
    const w = build.input("w", [8, 16], "f32")
    const b = build.input("b", [8], "f32")
    const product = build.dot(x, w, [], [[1, 1]])
    const sum = build.binary("add", product, along(b, product, [1]))
    const scaled = build.binary("mul", sum, along(build.scalar(Math.SQRT1_2, "f32"), sum, []))
    const one = along(build.scalar(1, "f32"), sum, [])
    const gelu = build.binary("mul", sum, build.binary("add", build.unary("erf", scaled), one))
    return expect(sources([x, w, b], [gelu])).toMatchFileSnapshot("./text/product-gelu.txt")
  })

  it("a product whose threads compute four neighbours, and a scatter-add that shares its indices", () => {
    const x = build.input("x", [24, 16], "f32")
    const w = build.input("w", [16, 8], "f32")
    const b = build.input("b", [8], "f32")
    const product = build.dot(x, w, [], [[1, 0]])
    const index = build.input("index", [6], "i32")
    const updates = build.input("updates", [6, 8], "f32")
    return expect(
      sources(
        [x, w, b, index, updates],
        [build.binary("add", product, along(b, product, [1])), build.scatterAdd(index, updates, 3)],
        { blocking: { threads: 1, row: 1 } }
      )
    ).toMatchFileSnapshot("./text/four-elements.txt")
  })

  it("pad and concat, whose sides are branches", () => {
    const a = build.input("a", [4, 3], "f32")
    const b = build.input("b", [4, 2], "f32")
    return expect(sources([a, b], [build.pad(build.concat([a, b], 1), [0, 1], [0, 0], -1)])).toMatchFileSnapshot(
      "./text/pad-concat.txt"
    )
  })

  it("more arrays than gpu.js takes, in two steps", () => {
    const xs = Array.from({ length: 12 }, (_, i) => build.input(`x${i}`, [2, 3], "f32"))
    return expect(sources(xs, [build.concat(xs, 0)])).toMatchFileSnapshot("./text/many-arrays.txt")
  })

  it("five axes in an order of their own, two of them taken from one thread index", () => {
    const x = build.input("x", [2, 3, 4, 5, 6], "f32")
    return expect(sources([x], [build.unary("exp", build.permute(x, [4, 2, 0, 3, 1]))])).toMatchFileSnapshot(
      "./text/five-axes.txt"
    )
  })

  it("a long row with few outputs, in two stages", () => {
    const x = build.input("x", [4, 8192], "f32")
    return expect(sources([x], [build.reduce("sum", x, [1])])).toMatchFileSnapshot("./text/long-row.txt")
  })

  it("a product of few elements and a long sum, in two stages", () => {
    const [a, b] = [build.input("a", [4, 2048], "f32"), build.input("b", [2048, 3], "f32")]
    const bias = build.input("bias", [3], "f32")
    const product = build.dot(a, b, [], [[1, 0]])
    return expect(sources([a, b, bias], [build.binary("add", product, along(bias, product, [1]))])).toMatchFileSnapshot(
      "./text/long-product.txt"
    )
  })

  it("the argmax of a long row, in two stages", () => {
    const x = build.input("x", [4, 8192], "f32")
    return expect(sources([x], [build.argmax(x, 1)])).toMatchFileSnapshot("./text/long-argmax.txt")
  })

  it("argmax, gather, scatter-add and a running sum", () => {
    const x = build.input("x", [6, 5], "f32")
    const index = build.argmax(x, 1)
    return expect(
      sources([x], [build.gather(x, index), build.scatterAdd(index, x, 3), build.cumsum(x, 1)])
    ).toMatchFileSnapshot("./text/rows.txt")
  })
})

describe("four elements a thread", () => {
  const elements = (sizes: readonly [number, number, number], blocking: Blocking): number => {
    const [m, n, k] = sizes
    const [a, b] = [build.input("a", [m, k], "f32"), build.input("b", [k, n], "f32")]
    const [pass] = passes([a, b], [build.dot(a, b, [], [[1, 0]])], { blocking })
    if (pass?.kind !== "kernel") throw new Error("a product is one kernel")
    expect(pass.text.output.reduce((threads, extent) => threads * extent, pass.text.lanes)).toBe(m * n)
    return pass.text.lanes
  }

  it("only where asked for, and where the last axis is a multiple of four", () => {
    expect(elements([8, 8, 8], { threads: 1, row: 1 })).toBe(4)
    expect(elements([8, 6, 8], { threads: 1, row: 1 })).toBe(1)
    expect(elements([8, 8, 8], { threads: 16, row: 8 })).toBe(4)
    expect(elements([8, 8, 8], { threads: 17, row: 1 })).toBe(1)
    expect(elements([8, 8, 8], { threads: 1, row: 9 })).toBe(1)
  })

  it("not where neighbours share nothing", () => {
    const x = build.input("x", [8, 16, 8], "f32")
    const [pass] = passes([x], [build.reduce("sum", x, [1])], { blocking: { threads: 1, row: 1 } })
    expect(pass).toMatchObject({ text: { lanes: 1 } })
  })
})

describe("every emitted kernel", () => {
  const graphs = fc.oneof(
    randomGraph.map(({ graph }) => graph),
    ...[...wide, ...long, ...moved].map(({ samples }) => samples.map(({ graph }) => graph))
  )

  it("has at most seven arrays, three axes and one output, and loops with literal bounds", () =>
    fc.assert(
      fc.property(graphs, fc.boolean(), (graph, unfused) => {
        for (const pass of assemble(lower(graph, { ...gpujsOptions, unfused })).passes) {
          if (pass.kind !== "kernel") continue
          const { output, reads, source, writes } = pass.text
          expect(reads.length).toBeLessThanOrEqual(7)
          expect(reads).not.toContain(writes)
          expect(output.length).toBeLessThanOrEqual(3)
          for (const [, bound] of source.matchAll(/for \(let \w+ = 0; \w+ < ([^;]*);/g)) expect(bound).toMatch(/^\d+$/)
        }
      }),
      { numRuns: 300 }
    ))

  it("addresses more than 2^24 elements by whole numbers", () => {
    const axes = [3, 5, 7, 11, 2 ** 15]
    const strides = [7 * 11 * 5 * 2 ** 15, 7 * 11 * 2 ** 15, 11 * 2 ** 15, 2 ** 15, 1]
    const turned = [strides[1]!, strides[0]!, strides[3]!, strides[2]!, strides[4]!]
    const kernel: LoopKernel = {
      kind: "loop",
      axes,
      row: [],
      exprs: [{ op: "load", buffer: 0, at: { offset: 0, strides: turned }, dtype: "f32" }],
      stores: [{ buffer: 1, at: { offset: 0, strides }, value: 0, row: true }]
    }
    const { source } = kernelText({ kernel, args: [0, 1] })
    // A float variable in an address beyond 2^24 is made a whole number first.
    const address = /a\[(.*)\]/.exec(source)![1]!
    for (const variable of address.matchAll(/\b[ir]\d\b/g)) expect(address).toContain(`(${variable[0]} | 0)`)
    expect(address).toMatch(/\| 0/)
  })
})

describe("the functions of a tiled product's epilogue", () => {
  it.each(["erf", "sin", "tanh", "log", "round"] as const)("%s, with numbers as WGSL writes them", (fn) => {
    const [a, b] = [build.input("a", [64, 256], "f32"), build.input("b", [256, 64], "f32")]
    const [pass] = passes([a, b], [build.unary(fn, build.dot(a, b, [], [[1, 0]]))])
    if (pass?.kind !== "kernel" || pass.product === undefined) throw new Error("a product and a map are one kernel")
    const { kernel } = pass.product
    const text = gemmShader(kernel, tileFor(kernel)!).source.split("fn store(")[0]!
    const numbers = text.split("tileB")[1]!.match(/(?<![\w.])\d[\d.]*(e[+-]?[\d.]+)?u?/g)!
    expect(numbers.length).toBeGreaterThan(2)
    for (const number of numbers) expect(number).toMatch(/^(\d+u?|\d+\.\d+(e[+-]\d+)?)$/)
  })
})

describe("docs/gpu.md shows the text of", () => {
  const page = readFileSync(new URL("../../../docs/gpu.md", import.meta.url), "utf8")
  const text = (name: string) => readFileSync(new URL(`./text/${name}.txt`, import.meta.url), "utf8").trimEnd()

  it("softmax times a matrix", () => expect(page).toContain(`\`\`\`js\n${text("softmax-matmul")}\n\`\`\``))

  it("a product of four elements a thread", () =>
    expect(page).toContain(`\`\`\`js\n${text("four-elements").split("\n\n")[0]}\n\`\`\``))
})
