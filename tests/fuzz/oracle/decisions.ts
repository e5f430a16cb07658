/**
 * Where a program decides: comparisons, roundings to whole numbers, the place of the largest. A decision that an error
 * within what is allowed might turn says nothing about a device, nor does what follows from it.
 */
import { count, type Node } from "@noema/tensor/graph"
import type { Value } from "@noema/tensor/reference"

/** What a decision hangs on, element by element, and how far a value of it is from being decided otherwise. */
interface Balance {
  readonly at: Float64Array
  readonly toEdge: (x: number) => number
}

const difference = (a: number, b: number): number => (a === b ? 0 : a - b)

const toWhole = (x: number): number => (Number.isFinite(x) ? Math.abs(x - Math.round(x)) : Infinity)

/** Zero is no edge for what goes toward zero from both sides. */
const toOtherWhole = (x: number): number => (Math.abs(x) < 0.5 ? 1 - Math.abs(x) : toWhole(x))

const unaryEdges: Readonly<Record<string, (x: number) => number>> = {
  floor: toWhole,
  ceil: toWhole,
  round: (x) => toWhole(x + 0.5),
  sign: Math.abs
}

/** The lead of the largest over the second largest, along an axis. */
const leads = (x: Value, sizes: ReadonlyArray<number>, axis: number): Float64Array => {
  const [n, inner] = [sizes[axis]!, count(sizes.slice(axis + 1))]
  return Float64Array.from({ length: count(sizes.slice(0, axis)) * inner }, (_, place) => {
    const start = Math.floor(place / inner) * n * inner + (place % inner)
    let [first, second] = [-Infinity, -Infinity]
    for (let j = 0; j < n; j++) {
      const value = x[start + j * inner]!
      if (value > first) [first, second] = [value, first]
      else second = Math.max(second, value)
    }
    return difference(first, second)
  })
}

/** What a node decides by, or null for one that does not decide. */
export const balanceOf = ({ dtype, inputs, op }: Node, [a, b]: ReadonlyArray<Value>): Balance | null => {
  if (inputs[0]?.dtype !== "f32") return null
  switch (op.kind) {
    case "compare":
      return { at: Float64Array.from(a!, (x, i) => difference(x, b![i]!)), toEdge: Math.abs }
    case "unary": {
      const toEdge = unaryEdges[op.fn]
      return toEdge === undefined ? null : { at: Float64Array.from(a!), toEdge }
    }
    case "binary":
      return op.fn === "rem" ? { at: Float64Array.from(a!, (x, i) => x / b![i]!), toEdge: toOtherWhole } : null
    case "cast":
      return { at: Float64Array.from(a!), toEdge: dtype === "bool" ? Math.abs : toOtherWhole }
    case "argmax":
      return { at: leads(a!, inputs[0].sizes, op.axis), toEdge: Math.abs }
    default:
      return null
  }
}

/** A deciding node in every run: what it decided by, and what it gave. */
export interface Decision {
  readonly node: Node
  readonly balances: Array<Balance>
  readonly values: Array<Value>
}

/** Decisions closer to an edge than this many times their spread are not relied on. */
const caution = 16

/** Whether every run decides alike, and none nearly otherwise. */
export const isFirm = ({ balances, node, values }: Decision): boolean => {
  const [first] = values
  // A remainder is a number that may differ a little; all others give the decision itself.
  const isDecision = node.op.kind !== "binary"
  return first!.every((_, i) => {
    const at = balances.map((balance) => balance.at[i]!)
    if (isDecision && !values.every((value) => Object.is(value[i]! + 0, first![i]! + 0))) return false
    if (at.every((x) => Object.is(x + 0, at[0]! + 0))) return true
    const spread = Math.max(...at) - Math.min(...at)
    return balances.every(({ toEdge }, run) => toEdge(at[run]!) > caution * spread)
  })
}
