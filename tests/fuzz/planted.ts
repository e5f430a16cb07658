/** Devices that are wrong in one known way, to see whether that is noticed. */
import { Device, Reference } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import type { Graph, Node } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { FuzzDevice } from "./devices.ts"

/** What a wrong device makes of a node whose inputs it has already spoiled; the node itself where it has it right. */
export type Spoil = (node: Node) => Node

const spoiled = (graph: Graph, spoil: Spoil): Graph => {
  const made = new Map<Node, Node>()
  for (const node of G.topological(graph.outputs)) {
    const inputs = node.inputs.map((input) => made.get(input)!)
    made.set(node, spoil(G.rebuild(node, inputs)))
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map((node) => made.get(node)!) }
}

/** The reference, spoiled. */
export const planted = (name: string, spoil: Spoil): FuzzDevice => ({
  name,
  family: "processor",
  floatsOnly: false,
  oneIn: 1,
  layer: Layer.effect(
    Device.Device,
    Effect.map(Device.Device, (device) => ({
      ...device,
      compile: (graph: Graph, options?: Device.CompileOptions) => device.compile(spoiled(graph, spoil), options)
    }))
  ).pipe(Layer.provide(Reference.layer))
})

const times = (x: Node, factor: number): Node => G.binary("mul", x, G.full(factor, x))

const first = (x: Node, axis: number): Node =>
  G.slice(
    x,
    x.sizes.map(() => 0),
    x.sizes.with(axis, 1)
  )

export const faults: Readonly<Record<string, Spoil>> = {
  "tanh is a hundredth of a percent off": (node) =>
    node.op.kind === "unary" && node.op.fn === "tanh" ? times(node, 1.0001) : node,
  "a maximum forgets the first of a row": (node) => {
    const { op } = node
    const [x] = node.inputs
    if (op.kind !== "reduce" || op.fn !== "max" || op.axes.length !== 1 || node.dtype !== "f32") return node
    const [axis] = op.axes
    if (x!.sizes[axis!]! < 2) return node
    const start = x!.sizes.map((_, i) => (i === axis ? 1 : 0))
    return G.reduce("max", G.slice(x!, start, x!.sizes.with(axis!, x!.sizes[axis!]! - 1)), op.axes)
  },
  "less is less or equal": (node) =>
    node.op.kind === "compare" && node.op.fn === "lt" ? G.compare("le", node.inputs[0]!, node.inputs[1]!) : node,
  "a pad is of zeros": (node) =>
    node.op.kind === "pad" && node.op.value !== 0 ? G.pad(node.inputs[0]!, node.op.low, node.op.high, 0) : node,
  "a long running sum starts anew": (node) => {
    const { op } = node
    const [x] = node.inputs
    return op.kind === "cumsum" && x!.sizes[op.axis]! > 4
      ? G.binary("sub", node, stretched(first(x!, op.axis), x!))
      : node
  },
  "the last of equals is the largest": (node) => {
    const { op } = node
    const [x] = node.inputs
    if (op.kind !== "argmax") return node
    const n = x!.sizes[op.axis]!
    const start = x!.sizes.map((_, i) => (i === op.axis ? n - 1 : 0))
    const step = x!.sizes.map((_, i) => (i === op.axis ? -1 : 1))
    const fromBehind = G.argmax(G.slice(x!, start, x!.sizes, step), op.axis)
    return G.binary("sub", G.full(n - 1, fromBehind), fromBehind)
  }
}

const stretched = (x: Node, to: Node): Node =>
  G.broadcast(
    x,
    to.sizes,
    to.sizes.map((_, axis) => axis)
  )
