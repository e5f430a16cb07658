/** Schedules: numbers that depend on the step, computed inside the program. */
import { Tensor } from "@noema/tensor"
import { add, cast, cos, lt, minimum, mul, type Node, scalar, sub, where } from "@noema/tensor/graph"

/** A number for every step; the first step is 0. */
export type Schedule = (step: Tensor.Tensor<[], "i32">) => Tensor.Tensor<[]>

const schedule =
  (of: (step: Node) => Node): Schedule =>
  (step) =>
    Tensor.fromNode(of(cast(step.node, "f32")), [])

/** From 0 to 1 over `steps`, then 1. */
const progress = (step: Node, steps: number): Node => (steps > 0 ? minimum(mul(step, 1 / steps), 1) : scalar(1, "f32"))

/**
 * The same number at every step.
 *
 * @example
 * constant(0.1)(Tensor.scalar(7, "i32")) // => 0.1
 */
export const constant = (value: number): Schedule => schedule(() => scalar(value, "f32"))

/**
 * A straight line from one number to another over `steps`, then the latter; a warm-up is `linear(0, peak, steps)`.
 *
 * @example
 * linear(0, 1, 10)(Tensor.scalar(5, "i32")) // => 0.5
 */
export const linear = (from: number, to: number, steps: number): Schedule =>
  schedule((step) => add(from, mul(to - from, progress(step, steps))))

/**
 * Half a cosine wave from one number down to another over `steps`, then the latter.
 *
 * @example
 * cosine(1, 10)(Tensor.scalar(5, "i32")) // => 0.5
 */
export const cosine = (from: number, steps: number, to = 0): Schedule =>
  schedule((step) => add(to, mul((from - to) / 2, add(1, cos(mul(Math.PI, progress(step, steps)))))))

/**
 * One schedule after another: the next one starts, at its own step 0, at each boundary. Throws `RangeError` unless
 * boundaries are whole numbers in rising order, one fewer than schedules.
 *
 * @example
 * const { cosine, join, linear } = Optimiser.Schedule
 * const rate = join([linear(0, 1, 10), cosine(1, 90)], [10])
 * rate(Tensor.scalar(5, "i32")) // => 0.5
 * rate(Tensor.scalar(55, "i32")) // => 0.5
 * join([linear(0, 1, 10)], [10]) // throws join: 1 schedules need 0 boundaries
 */
export const join = (schedules: ReadonlyArray<Schedule>, boundaries: ReadonlyArray<number>): Schedule => {
  if (boundaries.length !== schedules.length - 1)
    throw new RangeError(`join: ${schedules.length} schedules need ${schedules.length - 1} boundaries`)
  if (!boundaries.every((boundary, i) => Number.isInteger(boundary) && boundary >= (boundaries[i - 1] ?? 0)))
    throw new RangeError(`join: boundaries are whole numbers in rising order, and not ${boundaries.join(", ")}`)
  return (step) => {
    const from = (i: number) => Tensor.fromNode<[], "i32">(i === 0 ? step.node : sub(step.node, boundaries[i - 1]!), [])
    const value = schedules
      .map((each, i) => each(from(i)).node)
      .reduce((before, after, i) => where(lt(step.node, boundaries[i - 1]!), before, after))
    return Tensor.fromNode(value, [])
  }
}

/**
 * A straight warm-up from 0 to `peak`, then half a cosine down to `to` at step `steps`.
 *
 * @example
 * const rate = Optimiser.Schedule.warmUpCosine({ peak: 1, warmUp: 10, steps: 100 })
 * rate(Tensor.scalar(5, "i32")) // => 0.5
 * rate(Tensor.scalar(55, "i32")) // => 0.5
 */
export const warmUpCosine = ({
  peak,
  warmUp,
  steps,
  to = 0
}: {
  readonly peak: number
  readonly warmUp: number
  readonly steps: number
  readonly to?: number
}): Schedule => join([linear(0, peak, warmUp), cosine(peak, steps - warmUp, to)], [warmUp])
