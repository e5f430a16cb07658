/** A graph to a schedule of kernels: the middle of the compiler, end to end. */
import { count, describe, nameOf, topological } from "../graph/build.ts"
import type { Graph, Node, Op, OpKind } from "../graph/node.ts"
import { simplify } from "../graph/simplify.ts"
import { contractOnce } from "./contract.ts"
import { draft, type Draft } from "./draft.ts"
import { finish, signatureOf } from "./finish.ts"
import { fuse } from "./fuse.ts"
import type { Buffer, Kernel, LowerOptions, Schedule, Step } from "./ir.ts"
import { loopKernel } from "./loops.ts"
import { loweringOf, Materialise } from "./lowering.ts"
import { isLeaf, materialised } from "./materialise.ts"
import { gemmKernel } from "./products.ts"
import { sorted } from "./sort.ts"
import { inTwoStages } from "./two-stages.ts"
import { inGroups } from "./wide-concat.ts"

/** For the WebAssembly device: kernels with many buffers, reduce-then-map rows, epilogues. */
export const wasmOptions: LowerOptions = {
  maxLoads: 24,
  maxStores: 8,
  rowStores: true,
  epilogue: true,
  twoStages: true,
  unfused: false
}

/** For gpu.js: seven inputs and one output a kernel, every output element computed by a thread of its own. */
export const gpujsOptions: LowerOptions = {
  maxLoads: 7,
  maxStores: 1,
  rowStores: false,
  twoStages: false,
  epilogue: true,
  unfused: false
}

/**
 * @param donate pairs [graph input, graph output] that may share memory: what reads such an input runs before its output
 * is written, wherever that is possible
 */
export const lower = (
  graph: Graph,
  options: LowerOptions,
  donate: ReadonlyArray<readonly [number, number]> = []
): Schedule => {
  const contracted = contractOnce((options.unfused ? graph : simplify(graph)).outputs)
  const divided = options.twoStages ? inTwoStages(contracted) : contracted
  const outputs = inGroups(divided)
  const order = topological(outputs)
  const nodes = new Map(order.map((node) => [node.id, node]))
  const stored = materialised(order, outputs, options.unfused)
  const empty = (id: number) => count(nodes.get(id)!.sizes) === 0
  const drafts = draftAll(order, stored, options).filter(({ writes }) => ![...writes].every(empty))
  const wanted = new Set(outputs.map((node) => node.id))
  const fused = options.unfused ? drafts : fuse(drafts, wanted, options)
  const overwritten = new Map(donate.map(([from, to]) => [outputs[to]!.id, graph.inputs[from]!.id]))
  return number(graph, outputs, sorted(fused, overwritten), nodes)
}

/** A draft for every stored node that is computed; stores more nodes where an expression asks for it. */
const draftAll = (order: ReadonlyArray<Node>, stored: Set<Node>, options: LowerOptions): ReadonlyArray<Draft> => {
  const drafts = new Map<Node, Draft>()
  const position = new Map(order.map((node, i) => [node, i]))
  const isStored = (node: Node) => stored.has(node)
  const pending: Array<Node> = order.filter((node) => stored.has(node))
  const make = (node: Node): void => {
    if (drafts.has(node) || isLeaf(node)) return
    for (;;) {
      try {
        const after = new Set(barriers(node, stored).flatMap((refers) => refers.id))
        drafts.set(node, draft(kernelOf(node, isStored, options), [nameOf(node)], position.get(node)!, after))
        return
      } catch (request) {
        if (!(request instanceof Materialise)) throw request
        // A pad or concat that cannot be walked with its input inlined: store what it reads instead.
        const missing = request.node === node ? node.inputs.filter((input) => !stored.has(input)) : [request.node]
        if (missing.length === 0) throw new Error(`cannot lower ${describe(node)}`)
        for (const each of missing) {
          stored.add(each)
          make(each)
        }
      }
    }
  }
  pending.forEach(make)
  return [...drafts.values()].sort((a, b) => a.order - b.order)
}

const kernelOf = (node: Node, stored: (node: Node) => boolean, options: LowerOptions): Kernel => {
  const buffer = (input: Node): number => {
    if (!stored(input)) throw new Materialise(input)
    return input.id
  }
  const made = <K extends OpKind>(op: Op<K>): Kernel => {
    const lowering = loweringOf(op)
    switch (lowering.as) {
      case "product":
        return gemmKernel(node, stored)
      case "kernel":
        return lowering.of(node, op, buffer)
      case "leaf":
      case "expression":
      case "reduction":
        return options.unfused ? loopKernel(node, (other) => other !== node && stored(other)) : loopKernel(node, stored)
    }
  }
  return made(node.op)
}

/** What the barriers inlined into a node's kernel wait for. */
const barriers = (root: Node, stored: ReadonlySet<Node>): ReadonlyArray<Node> => {
  const found: Array<Node> = []
  const visit = (node: Node): void => {
    if (node.op.kind === "note") found.push(...node.inputs.slice(1).flatMap((refers) => nearestStored(refers, stored)))
    for (const input of node.op.kind === "note" ? node.inputs.slice(0, 1) : node.inputs)
      if (!stored.has(input)) visit(input)
  }
  visit(root)
  return found
}

const nearestStored = (node: Node, stored: ReadonlySet<Node>): ReadonlyArray<Node> =>
  stored.has(node) ? [node] : node.inputs.flatMap((input) => nearestStored(input, stored))

/** Buffers numbered, kernels over parameters. */
const number = (
  graph: Graph,
  outputs: ReadonlyArray<Node>,
  drafts: ReadonlyArray<Draft>,
  nodes: ReadonlyMap<number, Node>
): Schedule => {
  const ids = new Map<number, number>()
  const buffers: Array<Buffer> = []
  const results = new Set(outputs.map((node) => node.id))
  const bufferOf = (id: number): number => {
    const known = ids.get(id)
    if (known !== undefined) return known
    const node = nodes.get(id)!
    const { kind } = node.op
    const role = kind === "input" ? "input" : kind === "constant" ? "constant" : results.has(id) ? "output" : "temp"
    const base = {
      id: buffers.length,
      dtype: node.dtype,
      length: count(node.sizes),
      role,
      label: labelOf(node)
    } as const
    buffers.push(node.op.kind === "constant" ? { ...base, data: wordsOf(node.op.data, node.dtype) } : base)
    ids.set(id, base.id)
    return base.id
  }
  const inputs = graph.inputs.map((node) => (nodes.has(node.id) ? bufferOf(node.id) : -1))
  const steps = drafts.map(({ kernel, names }): Step => {
    const finished = finish(kernel)
    const args = finished.params.map(bufferOf)
    return {
      kernel: finished.kernel,
      args,
      reads: finished.reads.map((param) => args[param]!),
      writes: finished.writes.map((param) => args[param]!),
      name: names.filter((name, i) => names[i - 1] !== name).join("+"),
      signature: signatureOf(finished.kernel)
    }
  })
  return { buffers, steps, inputs, outputs: outputs.map((node) => bufferOf(node.id)) }
}

const labelOf = (node: Node): string =>
  `${node.op.kind === "input" ? node.op.name : nameOf(node)} ${node.dtype}[${node.sizes.join(",")}]`

/** Constants as the four-byte words kernels read. */
const wordsOf = (data: ArrayLike<number>, dtype: "f32" | "i32" | "bool"): Float32Array | Int32Array =>
  dtype === "f32" ? Float32Array.from(data) : Int32Array.from(data)
