/**
 * One operation of the graph, obviously right: index arithmetic written out, no fusion, no reuse of memory.
 *
 * What this file says is the definition devices are tested against. Beyond the comments in `graph/node.ts`:
 * - f32 arithmetic is float64 and not rounded in between; numbers written into the program (scalars, constants,
 *   paddings) are f32. i32 wraps around; division and remainder by zero give 0.
 * - `max` and `min`, elementwise or reduced, give NaN when any element is NaN. The max of no i32 is the smallest i32.
 * - `round` goes half to even. `sign` of NaN is NaN.
 * - Any tensor may have zero elements. A gather from a table without rows gives zeros.
 * - Casting f32 to i32 truncates and saturates, NaN gives 0; casting to bool is "not zero", so NaN is true.
 */
import { count } from "../../graph/build.ts"
import type { Node, Op, OpKind } from "../../graph/node.ts"
import { saturate } from "../../graph/number.ts"
import { foldKey, uniformAt } from "../../graph/threefry.ts"
import * as elementwise from "./elementwise.ts"
import { at, except, strides, walk } from "./layout.ts"
import { empty, fromHost, type Value } from "./value.ts"

/** From a node and the values of its inputs, in their order. */
type Definition<K extends OpKind> = (node: Node, op: Op<K>, inputs: ReadonlyArray<Value>) => Value

const definitions: { readonly [K in OpKind]: Definition<K> } = {
  input: (_, { name }) => {
    throw new Error(`input ${name} has no value of its own`)
  },
  scalar: ({ dtype }, { value }) => fromHost(Float64Array.of(value), dtype),
  constant: ({ dtype }, { data }) => fromHost(dtype === "f32" ? Float32Array.from(data) : data, dtype),
  iota: (node, { axis }) =>
    viewed(
      node,
      Int32Array.from({ length: node.sizes[axis]! }, (_, i) => i),
      unit(node, axis)
    ),
  unary: (node, { fn }, [x]) => {
    const apply = elementwise.unary(fn, node.dtype)
    return filled(node, (i) => apply(x![i]!))
  },
  elementwise: (node, { fn }, [x]) => filled(node, (i) => fn.exact(x![i]!)),
  binary: (node, { fn }, [a, b]) => {
    const apply = elementwise.binary(fn, node.dtype)
    return filled(node, (i) => apply(a![i]!, b![i]!))
  },
  compare: (node, { fn }, [a, b]) => filled(node, (i) => (elementwise.compare[fn](a![i]!, b![i]!) ? 1 : 0)),
  select: (node, _, [condition, yes, no]) => filled(node, (i) => (condition![i]! !== 0 ? yes![i]! : no![i]!)),
  cast: (node, _, [x]) => (node.dtype === "i32" ? filled(node, (i) => saturate(x![i]!)) : fromHost(x!, node.dtype)),
  broadcast: (node, { axes }, [x]) => {
    const from = node.inputs[0]!
    const stride = strides(from.sizes)
    const steps = node.sizes.map((_, to) => {
      const axis = axes.indexOf(to)
      return axis < 0 || from.sizes[axis] === 1 ? 0 : stride[axis]!
    })
    return viewed(node, x!, steps)
  },
  reshape: (_, __, [x]) => x!.slice(),
  permute: (node, { order }, [x]) => viewed(node, x!, at(strides(node.inputs[0]!.sizes), order)),
  slice: (node, { start, step }, [x]) => {
    const from = strides(node.inputs[0]!.sizes)
    const base = from.reduce((sum, stride, axis) => sum + start[axis]! * stride, 0)
    const steps = from.map((stride, axis) => step[axis]! * stride)
    return viewed(node, x!, steps, base)
  },
  pad: (node, { low, value }, [x]) =>
    paste(empty(node.dtype, count(node.sizes)).fill(value), node, x!, node.inputs[0]!, low),
  concat: (node, { axis }, inputs) => {
    const result = empty(node.dtype, count(node.sizes))
    let start = 0
    node.inputs.forEach((part, i) => {
      paste(
        result,
        node,
        inputs[i]!,
        part,
        node.sizes.map((_, other) => (other === axis ? start : 0))
      )
      start += part.sizes[axis]!
    })
    return result
  },
  reduce: (node, op, [x]) => reduce(node, op, x!),
  argmax: (node, op, [x]) => argmax(node, op, x!),
  dot: (node, op, [a, b]) => dot(node, op, a!, b!),
  gather: (node, _, [table, index]) => gather(node, table!, index!),
  scatterAdd: (node, op, [index, updates]) => scatterAdd(node, op, index!, updates!),
  put: (node, op, [into, part, start]) => put(node, op, into!, part!, start![0]!),
  cumsum: (node, op, [x]) => cumsum(node, op, x!),
  uniform: (node, { domain }, [key]) => filled(node, (i) => uniformAt(key![0]!, key![1]!, i, domain)),
  foldIn: (_, { data, domain }, [key, given]) =>
    Int32Array.from(foldKey(key![0]!, key![1]!, data ?? given![0]!, domain)),
  note: (_, __, [x]) => x!.slice()
}

const defined = <K extends OpKind>(node: Node, op: Op<K>, inputs: ReadonlyArray<Value>): Value =>
  definitions[op.kind](node, op, inputs)

/** The value of `node` from the values of its inputs. An `input` node has none of its own. */
export const evaluate = (node: Node, inputs: ReadonlyArray<Value>): Value => defined(node, node.op, inputs)

/** Storing into a typed array wraps i32 modulo 2^32. */
const filled = (node: Node, element: (index: number) => number): Value => {
  const result = empty(node.dtype, count(node.sizes))
  for (let i = 0; i < result.length; i++) result[i] = element(i)
  return result
}

const viewed = (node: Node, from: Value, steps: ReadonlyArray<number>, base = 0): Value => {
  const places = walk(node.sizes, steps, base)
  return filled(node, (i) => from[places[i]!]!)
}

const paste = (result: Value, node: Node, part: Value, of: Node, start: ReadonlyArray<number>): Value => {
  const steps = strides(node.sizes)
  const base = steps.reduce((sum, step, axis) => sum + start[axis]! * step, 0)
  walk(of.sizes, steps, base).forEach((place, i) => {
    result[place] = part[i]!
  })
  return result
}

const unit = (node: Node, axis: number): ReadonlyArray<number> => node.sizes.map((_, other) => (other === axis ? 1 : 0))

const reduce = (node: Node, { fn, axes }: Op<"reduce">, x: Value): Value => {
  const { sizes } = node.inputs[0]!
  const stride = strides(sizes)
  const kept = walk(node.sizes, except(stride, axes))
  const removed = walk(at(sizes, axes), at(stride, axes))
  const limit = node.dtype === "i32" ? 2147483648 : Infinity
  const first = fn === "sum" ? 0 : fn === "max" ? -limit : node.dtype === "i32" ? limit - 1 : limit
  const combine = fn === "sum" ? (p: number, q: number) => p + q : fn === "max" ? Math.max : Math.min
  return filled(node, (i) => removed.reduce((total, step) => combine(total, x[kept[i]! + step]!), first))
}

const argmax = (node: Node, { axis }: Op<"argmax">, x: Value): Value => {
  const { sizes } = node.inputs[0]!
  const stride = strides(sizes)
  const kept = walk(node.sizes, except(stride, [axis]))
  return filled(node, (i) => {
    const along = (j: number) => x[kept[i]! + j * stride[axis]!]!
    let best = 0
    for (let j = 1; j < sizes[axis]! && !Number.isNaN(along(best)); j++)
      if (along(j) > along(best) || Number.isNaN(along(j))) best = j
    return best
  })
}

const dot = (node: Node, { batch, contract }: Op<"dot">, a: Value, b: Value): Value => {
  const [left, right] = node.inputs as readonly [Node, Node]
  const pairs = [...batch, ...contract]
  const side = (x: Node, end: 0 | 1) => {
    const stride = strides(x.sizes)
    const along = (axes: ReadonlyArray<number>) => walk(at(x.sizes, axes), at(stride, axes))
    const used = pairs.map((pair) => pair[end])
    return {
      batch: along(batch.map((pair) => pair[end])),
      free: along(
        except(
          x.sizes.map((_, axis) => axis),
          used
        )
      ),
      contract: along(contract.map((pair) => pair[end]))
    }
  }
  const [A, B] = [side(left, 0), side(right, 1)]
  const result = new Float64Array(count(node.sizes))
  let place = 0
  for (let n = 0; n < A.batch.length; n++)
    for (const i of A.free)
      for (const j of B.free) {
        let sum = 0
        for (let k = 0; k < A.contract.length; k++)
          sum += a[A.batch[n]! + i + A.contract[k]!]! * b[B.batch[n]! + j + B.contract[k]!]!
        result[place++] = sum
      }
  return result
}

const gather = (node: Node, table: Value, index: Value): Value => {
  const [rows, ...rest] = node.inputs[0]!.sizes as readonly [number, ...Array<number>]
  const width = count(rest)
  return filled(node, (i) => {
    const row = Math.max(0, Math.min(rows - 1, index[Math.floor(i / width)]!))
    return rows === 0 ? 0 : table[row * width + (i % width)]!
  })
}

const scatterAdd = (node: Node, { rows }: Op<"scatterAdd">, index: Value, updates: Value): Value => {
  const width = count(node.sizes.slice(1))
  const result = empty(node.dtype, count(node.sizes))
  index.forEach((row, i) => {
    if (row < 0 || row >= rows) return
    for (let j = 0; j < width; j++) result[row * width + j]! += updates[i * width + j]!
  })
  return result
}

const put = (node: Node, { axis }: Op<"put">, into: Value, part: Value, start: number): Value => {
  const { sizes } = node.inputs[1]!
  const stride = strides(node.sizes)
  const result = into.slice()
  const along = walk(sizes, unit(node, axis))
  walk(sizes, stride).forEach((place, i) => {
    const cell = start + along[i]!
    if (cell >= 0 && cell < node.sizes[axis]!) result[place + start * stride[axis]!] = part[i]!
  })
  return result
}

const cumsum = (node: Node, { axis }: Op<"cumsum">, x: Value): Value => {
  const stride = strides(node.sizes)
  const result = x.slice()
  for (const start of walk(except(node.sizes, [axis]), except(stride, [axis])))
    for (let j = 1; j < node.sizes[axis]!; j++) {
      const place = start + j * stride[axis]!
      result[place]! += result[place - stride[axis]!]!
    }
  return result
}
