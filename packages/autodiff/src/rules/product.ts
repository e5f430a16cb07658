/** Products of tensors whose axes carry labels: how the cotangents of a `dot` are made. */
import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"

/** Labels for the axes of a `dot`, as in einsum: paired axes of the operands share one. */
export const dotLabels = (op: G.Op<"dot">, rankA: number, rankB: number) => {
  const partner = new Map([...op.batch, ...op.contract].map(([i, j]) => [j, i]))
  const a = Array.from({ length: rankA }, (_, axis) => axis)
  const b = Array.from({ length: rankB }, (_, axis) => partner.get(axis) ?? rankA + axis)
  const batch = op.batch.map(([i]) => i)
  const y = [...batch, ...a.filter((label) => !b.includes(label)), ...b.filter((label) => !a.includes(label))]
  return { a, b, y }
}

/**
 * The product of two tensors whose axes carry labels, as in einsum: a label in both operands and in the result is a
 * batch axis, one that the result lacks is summed over. The operands are ordered so that no transpose is needed where
 * one of the two orders gives the result's axes directly.
 */
export const product = (
  x: Node,
  xLabels: ReadonlyArray<number>,
  y: Node,
  yLabels: ReadonlyArray<number>,
  labels: ReadonlyArray<number>
): Node => {
  const shared = (label: number): boolean => xLabels.includes(label) && yLabels.includes(label)
  const batch = labels.filter(shared)
  const summed = xLabels.filter((label) => shared(label) && !labels.includes(label))
  const [freeX, freeY] = [xLabels, yLabels].map((own) => own.filter((label) => !shared(label))) as [number[], number[]]
  const made = [...batch, ...freeX, ...freeY]
  const swapped = [...batch, ...freeY, ...freeX]
  const pairs = (of: ReadonlyArray<number>, first: ReadonlyArray<number>, second: ReadonlyArray<number>) =>
    of.map((label) => [first.indexOf(label), second.indexOf(label)] as const)
  return swapped.every((label, axis) => label === labels[axis])
    ? G.dot(y, x, pairs(batch, yLabels, xLabels), pairs(summed, yLabels, xLabels))
    : G.permute(
        G.dot(x, y, pairs(batch, xLabels, yLabels), pairs(summed, xLabels, yLabels)),
        labels.map((label) => made.indexOf(label))
      )
}
