/** Values whose gradient is not what the rules would make of them. */
import { Tensor } from "@noema/tensor"
import type { Shape } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import { describeStructure, join, values, walkBeside } from "@noema/tensor/tree"
import * as notes from "../rules/notes.ts"
import { type Leaves, leavesOf, nodesOf, withNodes } from "../tree.ts"
import * as regions from "./checkpoint.ts"
import { GradientError } from "./sentences.ts"

/**
 * The same tensor or tree, a constant to gradients.
 *
 * @example
 * grad((x: Tensor.Tensor<[]>) => Tensor.mul(x, stopGradient(x)))(Tensor.scalar(3)) // => 3
 */
export const stopGradient = <T>(tree: T): T => {
  const taken = leavesOf(tree, "value")
  return withNodes(taken, nodesOf(taken).map(G.stopGradient))
}

/**
 * The value of `forward`, with the gradient of `backward`: the straight-through estimator. Shapes are equal.
 *
 * @example
 * const rounded = (x: Tensor.Tensor<[]>) => straightThrough(Tensor.round(x), x)
 * rounded(Tensor.scalar(2.7)) // => 3
 * grad(rounded)(Tensor.scalar(2.7)) // => 1
 */
export const straightThrough = <S extends Shape>(
  forward: Tensor.Tensor<S>,
  backward: Tensor.Tensor<NoInfer<S>>
): Tensor.Tensor<S> => {
  if (G.describe(forward.node) !== G.describe(backward.node))
    throw new GradientError({
      message: `straightThrough: the value is ${G.describe(forward.node)} and the gradient's way ${G.describe(backward.node)}`
    })
  return Tensor.fromNode(notes.straightThrough(forward.node, backward.node), forward)
}

/** The cotangents of a tree: like it, with `null` for what is not f32 or has none. */
export type CotangentsOf<P> =
  P extends Tensor.Tensor<infer S, infer D>
    ? [D] extends ["f32"]
      ? Tensor.Tensor<S> | null
      : null
    : { readonly [K in keyof P]: CotangentsOf<P[K]> }

/**
 * A function with a gradient written by hand: `backward` gets the cotangent of the result, the argument and the result,
 * and returns the cotangents of the argument, a tree like it. What `forward` uses besides its argument is constant.
 * `backward` is differentiated itself for higher derivatives; for `jvp` it must be linear in the cotangent.
 *
 * @example
 * const clipped = customVjp(
 *   (x: Tensor.Tensor<[2]>) => Tensor.mul(x, 1),
 *   (g) => Tensor.minimum(g, 1)
 * )
 * grad((x: Tensor.Tensor<[2]>) => Tensor.sum(Tensor.mul(clipped(x), Tensor.fromArray([0.5, 9]))))(Tensor.zeros([2])) // => [0.5, 1]
 */
export const customVjp = <P, S extends Shape>(
  forward: (x: P) => Tensor.Tensor<S>,
  backward: (cotangent: Tensor.Tensor<S>, x: P, y: Tensor.Tensor<S>) => CotangentsOf<P>
): ((x: P) => Tensor.Tensor<S>) => {
  return (x) => {
    const taken = leavesOf(x, "argument")
    const y = forward(x)
    const note: notes.CustomNote = {
      name: "customVjp",
      backward: (g, value, primals) => {
        const given = backward(Tensor.fromNode(g, y), withNodes(taken, primals), Tensor.fromNode(value, y))
        return atLeaves(taken, given).map((cotangent, i) => cotangentOf(cotangent, taken.paths[i]!, taken.leaves[i]!))
      }
    }
    return Tensor.fromNode(G.note(note, y.node, nodesOf(taken)), y)
  }
}

/** What a tree has at the leaves of another; `null` stands for all below it. */
const atLeaves = ({ leaves, structure }: Leaves, tree: unknown): ReadonlyArray<unknown> => {
  const found: Array<unknown> = leaves.map(() => null)
  walkBeside(structure, values, tree, {
    takes: (_, value) => value === null,
    leaf: ({ index }, value) => {
      found[index] = value
    },
    differ: (difference) => {
      const { at } = difference
      if (difference.kind === "extra") throw wrongCotangent(`${join(at.path, difference.key)} is not in the argument`)
      const place = difference.kind === "missing" ? difference.item : at
      const leaf = place.kind === "leaf" ? G.describe(leaves[place.index]!.node) : ""
      const given = difference.kind === "missing" ? "undefined" : typeof difference.found
      throw wrongCotangent(`${place.path} is ${given} and must be ${describeStructure(place, leaf)}`)
    }
  })
  return found
}

const wrongCotangent = (what: string): GradientError =>
  new GradientError({ message: `customVjp: the cotangent of ${what}` })

const cotangentOf = (leaf: unknown, path: string, like: Tensor.AnyTensor): G.Node | null => {
  if (leaf === null) return null
  const found = Tensor.isTensor(leaf) ? G.describe(leaf.node) : typeof leaf
  const expected = G.describe(like.node)
  if (found !== expected) throw wrongCotangent(`${path} is ${found} and must be ${expected}`)
  return like.dtype === "f32" ? (leaf as Tensor.AnyTensor).node : null
}

/**
 * The same function, whose intermediate results are not kept for the backward pass but computed again there: memory
 * for time. Values and gradients do not change. With a chain of n layers, checkpointing groups of sqrt(n) keeps about
 * 2 sqrt(n) of them at a time.
 *
 * @example
 * const block = checkpoint((x: Tensor.Tensor<[2]>) => Tensor.tanh(Tensor.mul(x, 2)))
 * block(Tensor.zeros([2])) // => [0, 0]
 */
export const checkpoint = <A extends ReadonlyArray<unknown>, R>(f: (...args: A) => R): ((...args: A) => R) => {
  return (...args) => {
    const { made, nodes } = regions.checkpoint(() => {
      const made = leavesOf(f(...args), "result")
      return { made, nodes: nodesOf(made) }
    })
    return withNodes(made, nodes)
  }
}
