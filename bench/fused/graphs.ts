/** What each case is as a graph of primitives; fusing it is the compiler's business. */
import * as build from "@noema/tensor/graph"
import type { Graph, Node } from "@noema/tensor/graph"
import { fill } from "../harness/cases.ts"
import type { AdamWCase, ElementCase, RowCase } from "../harness/cases.ts"

export type FusedCase = RowCase | ElementCase | AdamWCase

export interface Fused {
  readonly graph: Graph
  readonly inputs: ReadonlyArray<Float32Array>
  /** Output j overwrites input i. */
  readonly donate: ReadonlyArray<readonly [number, number]>
}

const like = (value: number, x: Node): Node => build.broadcast(build.scalar(value, "f32"), x.sizes, [])

const softmax = ({ rows, columns }: RowCase): Fused => {
  const x = build.input("x", [rows, columns], "f32")
  const along = (row: Node): Node => build.broadcast(row, x.sizes, [0])
  const shifted = build.unary("exp", build.binary("sub", x, along(build.reduce("max", x, [1]))))
  const y = build.binary("div", shifted, along(build.reduce("sum", shifted, [1])))
  return { graph: { inputs: [x], outputs: [y] }, inputs: [fill(rows * columns, 0, 8)], donate: [] }
}

const rmsnorm = ({ rows, columns }: RowCase): Fused => {
  const x = build.input("x", [rows, columns], "f32")
  const weight = build.input("weight", [columns], "f32")
  const squares = build.reduce("sum", build.binary("mul", x, x), [1])
  const mean = build.binary("mul", squares, like(1 / columns, squares))
  const scale = build.unary("rsqrt", build.binary("add", mean, like(1e-5, mean)))
  const normal = build.binary("mul", x, build.broadcast(scale, x.sizes, [0]))
  const y = build.binary("mul", normal, build.broadcast(weight, x.sizes, [1]))
  return {
    graph: { inputs: [x, weight], outputs: [y] },
    inputs: [fill(rows * columns, 0, 8), new Float32Array(columns).fill(1)],
    donate: []
  }
}

const gelu = (x: Node): Node => {
  const cube = build.binary("mul", build.binary("mul", x, x), x)
  const inner = build.binary("add", x, build.binary("mul", cube, like(0.044715, x)))
  const turned = build.unary("tanh", build.binary("mul", inner, like(Math.sqrt(2 / Math.PI), x)))
  return build.binary("mul", build.binary("mul", x, like(0.5, x)), build.binary("add", turned, like(1, x)))
}

const exactGelu = (x: Node): Node => {
  const normal = build.unary("erf", build.binary("mul", x, like(Math.SQRT1_2, x)))
  return build.binary("mul", build.binary("mul", x, like(0.5, x)), build.binary("add", normal, like(1, x)))
}

const silu = (x: Node): Node => build.binary("mul", x, build.unary("sigmoid", x))

const functions = { gelu, "exact gelu": exactGelu, silu }

const elementwise = ({ kind, length }: ElementCase): Fused => {
  const x = build.input("x", [length], "f32")
  return {
    graph: { inputs: [x], outputs: [functions[kind](x)] },
    inputs: [fill(length, 0, 8)],
    donate: []
  }
}

const adamw = ({ length }: AdamWCase): Fused => {
  const [p, g, m, v] = ["p", "g", "m", "v"].map((name) => build.input(name, [length], "f32")) as [
    Node,
    Node,
    Node,
    Node
  ]
  const times = (x: Node, factor: number): Node => build.binary("mul", x, like(factor, x))
  const first = build.binary("add", times(m, 0.9), times(g, 0.1))
  const second = build.binary("add", times(v, 0.999), times(build.binary("mul", g, g), 0.001))
  const root = build.unary("sqrt", times(second, 1 / (1 - 0.999 ** 10)))
  const step = build.binary("div", times(first, 1 / (1 - 0.9 ** 10)), build.binary("add", root, like(1e-8, root)))
  const change = times(build.binary("add", step, times(p, 0.01)), 3e-4)
  return {
    graph: { inputs: [p, g, m, v], outputs: [build.binary("sub", p, change), first, second] },
    inputs: [fill(length, 0), fill(length, 1), fill(length, 2, 0.01), fill(length, 3, 0.01).map((s) => s * s)],
    donate: [
      [0, 0],
      [2, 1],
      [3, 2]
    ]
  }
}

export const describe = (c: FusedCase): Fused => {
  switch (c.kind) {
    case "softmax":
      return softmax(c)
    case "rmsnorm":
      return rmsnorm(c)
    case "gelu":
    case "exact gelu":
    case "silu":
      return elementwise(c)
    case "adamw":
      return adamw(c)
  }
}
