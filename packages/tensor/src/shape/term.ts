/**
 * A part of an axis that is a sum, by its name.
 */
import { axisIn } from "./axis.ts"
import { termsOf } from "./composite.ts"
import { axesOf, type Axis, type Box, type Dims, fromAxes, type Is, type ShowBox } from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import type { Cut } from "./cut.ts"

/** The dimension of a part of the axis in the box, or a sentence; several terms in a row are a part too. */
export type Term<B, N extends string, Op extends string> =
  Is<B, "unknown"> extends true
    ? N
    : B extends Box<N | `${N}+${string}` | `${string}+${N}` | `${string}+${N}+${string}`>
      ? N
      : Wrong<"term", { op: Op; x: N; y: ShowBox<B> }>

/** The run-time side of `Term`. */
export const term = (op: string, dims: Dims, axis: number, name: string): Cut => {
  const at = axisIn(op, dims, axis)
  const whole = axesOf(dims)[at]!
  const terms = termsOf(whole) ?? wrong("sizeUnknown", { op, name })
  const wanted = name.split("+")
  const found = terms.flatMap((_, i) => (wanted.every((dim, k) => terms[i + k]?.dim === dim) ? [i] : []))
  if (found.length > 1) wrong("termTwice", { op, x: name, y: whole.dim })
  const first = found[0] ?? wrong("term", { op, x: name, y: whole.dim })
  const part = joined(name, terms.slice(first, first + wanted.length))
  const start = terms.slice(0, first).reduce((sum, { size }) => sum + size, 0)
  return { axis: at, start, length: part.size, step: 1, out: fromAxes(axesOf(dims).with(at, part)) }
}

const joined = (name: string, terms: ReadonlyArray<Axis>): Axis =>
  terms.length === 1 ? terms[0]! : { dim: name, size: terms.reduce((sum, { size }) => sum + size, 0), parts: terms }
