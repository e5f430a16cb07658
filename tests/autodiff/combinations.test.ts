/** Gradients of random programs of many operations: rules that are right alone may still meet badly. */
import * as G from "@noema/tensor/graph"
import type { Graph, Node } from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkGraph, disagrees } from "../../packages/autodiff/src/check/check-graph.ts"
import { fill } from "@noema/tensor/graph"
import { checkpoint } from "../../packages/autodiff/src/transform/checkpoint.ts"
import { pullback } from "../../packages/autodiff/src/transform/pullback.ts"
import { program } from "../tensor/matrix/combinations.ts"

const real = (nodes: ReadonlyArray<Node>) => nodes.filter(({ dtype }) => dtype === "f32")

/** The gradient in every real input of a bounded function of the outputs. */
const derivative = ({ inputs, outputs }: Graph): Graph => {
  const wrt = real(inputs)
  const cotangents = real(outputs).map((y) => G.unary("tanh", y))
  return { inputs, outputs: pullback(real(outputs), cotangents, wrt).map((g, i) => g ?? fill(0, wrt[i]!.sizes)) }
}

const agrees = (graph: Graph, values: ReadonlyArray<G.Data>, options: Parameters<typeof checkGraph>[2]) =>
  expect(checkGraph(graph, values, { tolerance: 1e-4, ...options }).find(disagrees)).toBeUndefined()

/** Small enough to be run a hundred times, and without constants to gradients, which differences do not know. */
const programs = program(4, 14).filter(({ graph }) => {
  const nodes = G.topological(graph.outputs)
  return nodes.every(({ op }) => op.kind !== "note") && nodes.reduce((sum, { sizes }) => sum + G.count(sizes), 0) < 4000
})

/** Off the grid on which the values of random programs lie, and with it off ties and steps. */
const offGrid = (data: G.Data, k: number): G.Data =>
  data instanceof Float32Array ? Float64Array.from(data, (x, i) => x + 0.007 * Math.sin(13 * i + 7 * k + 1)) : data

describe("random programs", () => {
  it("have the first and second derivatives of finite differences", () => {
    fc.assert(
      fc.property(programs, ({ graph, inputs }) => {
        const values = inputs.map(offGrid)
        agrees(graph, values, { directions: 1, coordinates: 3 })
        agrees(derivative(graph), values, { directions: 1, coordinates: 1 })
      }),
      { numRuns: 80 }
    )
  })

  it("have the same derivatives where a part of them is computed again", () => {
    fc.assert(
      fc.property(programs, fc.nat(20), fc.integer({ min: 1, max: 6 }), ({ graph, inputs }, from, length) => {
        const numbers = (of: Graph) => interpret(of, inputs).flatMap((value) => [...value])
        const again = recomputed(graph, from, length)
        for (const of of [derivative, (each: Graph) => derivative(derivative(each))]) {
          const expected = numbers(of(graph))
          numbers(of(again)).forEach((x, i) => {
            if (Number.isNaN(expected[i]!)) expect(x).toBeNaN()
            else expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected[i]!)))
          })
        }
      }),
      { numRuns: 80 }
    )
  })
})

/** The program with `length` of its operations, from one of them on, in a checkpoint. */
const recomputed = ({ inputs, outputs }: Graph, from: number, length: number): Graph => {
  const order = G.topological(outputs)
  const start = from % order.length
  const copies = new Map<Node, Node>()
  const copy = (node: Node) => {
    const made = G.rebuild(
      node,
      node.inputs.map((input) => copies.get(input)!)
    )
    copies.set(node, made)
    return made
  }
  const inside = order.slice(start, start + length)
  order.slice(0, start).forEach(copy)
  const { nodes } = checkpoint(() => ({ nodes: inside.map(copy) }))
  inside.forEach((node, i) => copies.set(node, nodes[i]!))
  order.slice(start + length).forEach(copy)
  return { inputs, outputs: outputs.map((node) => copies.get(node)!) }
}

type Step = (x: Node, a: number, b: number) => Node

const full = (value: number, x: Node) => fill(value, x.sizes)
const axisOf = (x: Node, a: number) => a % Math.max(1, x.sizes.length)
const all = (x: Node) => x.sizes.map((_, axis) => axis)

/** What acts on cells by themselves, moves or repeats them, or adds them up. */
const steps: ReadonlyArray<Step> = [
  (x) => G.unary("neg", x),
  (x) => G.unary("sin", x),
  (x) => G.binary("mul", x, x),
  (x, a) => G.binary("add", x, full(a / 7, x)),
  (x) => G.select(G.compare("lt", full(0.2, x), x), x, G.binary("mul", x, full(0.1, x))),
  (x) => G.reshape(x, [G.count(x.sizes)]),
  (x, a) => G.reshape(x, x.sizes.toSpliced(axisOf(x, a), 0, 1)),
  (x, a) =>
    G.permute(
      x,
      all(x).map((axis) => (axis + a) % x.sizes.length)
    ),
  (x, a, b) =>
    G.broadcast(
      x,
      x.sizes.toSpliced(axisOf(x, a), 0, b + 1),
      all(x).map((axis) => (axis < axisOf(x, a) ? axis : axis + 1))
    ),
  (x, a, b) =>
    G.pad(
      x,
      all(x).map(() => a),
      all(x).map(() => b),
      0.5
    ),
  (x, a, b) => {
    const axis = axisOf(x, a)
    const size = x.sizes[axis] ?? 0
    if (size < 2) return x
    const backward = b % 2 === 0
    return G.slice(
      x,
      all(x).map((at) => (at === axis && backward ? size - 1 : 0)),
      x.sizes.with(axis, size - 1),
      all(x).map((at) => (at === axis && backward ? -1 : 1))
    )
  },
  (x, a) => (x.sizes.length === 0 ? x : G.concat([x, full(-0.3, x), G.unary("neg", x)], axisOf(x, a))),
  (x, a) => (x.sizes.length === 0 ? x : G.reduce("sum", x, [axisOf(x, a)])),
  (x) => checkpoint(() => ({ nodes: [G.unary("tanh", x)] })).nodes[0]!
]

/** Neither number nor derivative at 0 and below. */
const traps: ReadonlyArray<(x: Node) => Node> = [
  (x) => G.unary("log", x),
  (x) => G.unary("sqrt", x),
  (x) => G.unary("rsqrt", x),
  (x) => G.binary("pow", x, full(1.5, x)),
  (x) => G.binary("mul", x, G.unary("log", x)),
  (x) => G.unary("exp", G.unary("log", x))
]

const someSteps = (maxLength: number) =>
  fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat(2), fc.nat(2)), { maxLength })

const walk = (x: Node, path: ReadonlyArray<readonly [Step, number, number]>): Node =>
  path.reduce((at, [step, a, b]) => (G.count(at.sizes) > 100 ? at : step(at, a, b)), x)

describe("a choice of what is finite", () => {
  it("has the derivatives of finite differences, whatever lies between it and what is not", () => {
    fc.assert(
      fc.property(someSteps(3), fc.constantFrom(...traps), someSteps(4), fc.nat(99), (before, trap, after, seed) => {
        const x = G.input("x", [3, 2], "f32")
        const y = walk(trap(walk(x, before)), after)
        const finite = G.compare("lt", G.unary("abs", y), full(Infinity, y))
        const graph = { inputs: [x], outputs: [G.unary("tanh", G.select(finite, y, full(0, y)))] }
        const at = [Float64Array.from({ length: 6 }, (_, i) => 1.7 * Math.sin(7.3 * i + seed))]
        // One step of the differences away from 0 a trap is far from straight.
        fc.pre(interpret({ inputs: [x], outputs: [walk(x, before)] }, at)[0]!.every((z) => Math.abs(z) > 0.02))
        agrees(graph, at, { step: 1e-5, directions: 1 })
        agrees(derivative(graph), at, { step: 1e-5, directions: 1, coordinates: 2 })
      }),
      { numRuns: 150 }
    )
  })
})
