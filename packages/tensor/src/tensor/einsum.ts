/**
 * Einstein summation.
 */
import * as G from "../graph/algebra.ts"
import type { Node } from "../graph/node.ts"
import type { Shape } from "../shape/dim.ts"
import { allowDType } from "../shape/dtype.ts"
import { einsum as einsumRule, type Einsum } from "../shape/einsum.ts"
import type { Check } from "../shape/errors.ts"
import { type Made } from "./operand.ts"
import { type AnyTensor, fromRule, type Tensor } from "./value.ts"

/** A node with a name for each axis. */
interface Term {
  readonly names: ReadonlyArray<string>
  readonly node: Node
}

/**
 * Products and sums by axis name: axes are words, operands are separated by commas, and what the output does not name
 * is summed. A name twice in one operand takes the diagonal. Operands are contracted from left to right. Throws
 * `ShapeError`.
 *
 * @example
 * const a = Tensor.fromArray([[1, 2], [3, 4]])
 * Tensor.einsum("i k, k j -> i j", a, Tensor.eye(2)) // => [[1, 2], [3, 4]]
 * Tensor.einsum("i i -> ", a) // => 5
 * Tensor.einsum("i j -> j", a) // => [4, 6]
 */
export const einsum = <const Spec extends string, S extends ReadonlyArray<Shape>>(
  spec: Check<Einsum<Spec, S>, Spec>,
  ...operands: { readonly [K in keyof S]: Tensor<S[K]> }
): Made<Einsum<Spec, S>> => {
  const tensors = operands as ReadonlyArray<AnyTensor>
  tensors.forEach((each) => allowDType("einsum", ["f32"], each.dtype))
  const { terms, output, out } = einsumRule(spec as string, tensors)
  const parts = tensors.map((tensor, i) => diagonal({ names: terms[i]!, node: tensor.node }))
  const later = (i: number): ReadonlySet<string> => new Set([...output, ...parts.slice(i + 1).flatMap((p) => p.names)])
  const result = parts
    .slice(1)
    .reduce((acc, part, i) => multiply(acc, summed(part, new Set([...later(i + 1), ...acc.names])), later(i + 1)), {
      ...summed(parts[0]!, later(0))
    })
  const kept = summed(result, new Set(output))
  const node = G.permute(
    kept.node,
    output.map((name) => kept.names.indexOf(name))
  )
  return fromRule(node, out) as Made<Einsum<Spec, S>>
}

/** Repeated names become one axis: everything off the diagonal is zeroed and summed away. */
const diagonal = ({ names, node }: Term): Term => {
  const axis = names.findIndex((name, i) => names.indexOf(name) < i)
  if (axis < 0) return { names, node }
  const first = names.indexOf(names[axis]!)
  const on = G.eq(G.iota(node.sizes, first), G.iota(node.sizes, axis))
  const rest = G.sum(G.where(on, node, 0), [axis])
  return diagonal({ names: names.toSpliced(axis, 1), node: rest })
}

/** Without the axes nobody needs any more. */
const summed = ({ names, node }: Term, needed: ReadonlySet<string>): Term => {
  const axes = names.flatMap((name, axis) => (needed.has(name) ? [] : [axis]))
  return { names: names.filter((name) => needed.has(name)), node: G.sum(node, axes) }
}

/** The product of two terms, summed over the names that both have and nobody needs after. */
const multiply = (a: Term, b: Term, needed: ReadonlySet<string>): Term => {
  const shared = a.names.filter((name) => b.names.includes(name))
  const batch = shared.filter((name) => needed.has(name))
  const contract = shared.filter((name) => !needed.has(name))
  const free = (term: Term): ReadonlyArray<string> => term.names.filter((name) => !shared.includes(name))
  const names = [...batch, ...free(a), ...free(b)]
  const pair = (name: string): readonly [number, number] => [a.names.indexOf(name), b.names.indexOf(name)]
  if (contract.length > 0) return { names, node: G.dot(a.node, b.node, batch.map(pair), contract.map(pair)) }
  const size = (name: string): number =>
    a.names.includes(name) ? a.node.sizes[a.names.indexOf(name)]! : b.node.sizes[b.names.indexOf(name)]!
  const sizes = names.map(size)
  const spread = (term: Term): Node =>
    G.broadcast(
      term.node,
      sizes,
      term.names.map((name) => names.indexOf(name))
    )
  return { names, node: G.mul(spread(a), spread(b)) }
}
