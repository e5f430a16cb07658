/**
 * From the loop axes of a store to the threads of a gpu.js kernel.
 *
 * gpu.js gives a kernel at most three output axes (x fastest) and writes one value per thread at its row-major
 * position. So the axes are ordered as the store orders them, neighbours that every access walks as one axis are
 * merged, and if more than three are left some threads stand for several axes and take their index apart.
 */
import type { Affine } from "../../kernel/ir.ts"
import { size } from "./rewrite.ts"
import { sum } from "./text.ts"

/** 65,535 workgroups of 8 along x and y, and of 1 along z: what WebGPU promises for two and three output axes. */
const limits = { x: 65_535 * 8, y: 65_535 * 8, z: 65_535 } as const

/** Above this an f32 quotient of the thread index may be off by one and is corrected. */
const exactQuotient = 2 ** 20

/** Integers in f32 variables are exact below this; larger addresses are formed from i32 terms. */
const exactInteger = 2 ** 24

export interface Axis {
  readonly extent: number
  /** The index as text: `this.thread.x`, or a variable taken from it. */
  readonly text: string
  /** Whether the text is an i32 in gpu.js's type system (a thread index or a loop counter), not an f32 variable. */
  readonly integer: boolean
}

export interface Threads {
  /** gpu.js `output`: x first. */
  readonly output: ReadonlyArray<number>
  /** Statements that take thread indices apart. */
  readonly prelude: ReadonlyArray<string>
  readonly axes: ReadonlyArray<Axis>
}

const names = ["x", "y", "z"] as const

/** Contiguous groups of axes, outermost first, as thread axes z, y, x: the fewest axes to take apart that fit. */
const group = (extents: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> => {
  const rank = extents.length
  const axes = extents.map((_, axis) => axis)
  const candidates: Array<ReadonlyArray<ReadonlyArray<number>>> = []
  for (let first = 0; first <= rank; first++)
    for (let second = first; second <= rank; second++) {
      const groups = [axes.slice(0, first), axes.slice(first, second), axes.slice(second)]
      candidates.push(groups.filter((members) => members.length > 0))
    }
  const fits = (groups: ReadonlyArray<ReadonlyArray<number>>): boolean =>
    groups.length === 1 ||
    groups.toReversed().every((members, i) => size(members.map((axis) => extents[axis]!)) <= limits[names[i]!])
  const apart = (groups: ReadonlyArray<ReadonlyArray<number>>): number => rank - groups.length
  return (
    candidates.filter((groups) => groups.length > 0 && fits(groups)).sort((p, q) => apart(p) - apart(q))[0] ?? [axes]
  )
}

/** Threads for a row-major output of these extents. */
export const threads = (extents: ReadonlyArray<number>): Threads => {
  if (extents.length === 0) return { output: [1], prelude: [], axes: [] }
  const groups = group(extents)
  const prelude: Array<string> = []
  const axes: Array<Axis> = []
  groups.forEach((members, position) => {
    const thread = `this.thread.${names[groups.length - 1 - position]!}`
    let rest = thread
    let integer = true
    let left = size(members.map((axis) => extents[axis]!))
    members.forEach((axis, i) => {
      const extent = extents[axis]!
      if (i === members.length - 1) return void axes.push({ extent, text: rest, integer })
      const inner = left / extent
      const index = `i${axis}`
      const remainder = `r${axis}`
      if (left <= exactQuotient) prelude.push(`const ${index} = Math.floor((${rest} + 0.5) / ${inner});`)
      else
        prelude.push(
          `const q${axis} = Math.floor(${rest} / ${inner});`,
          `const ${index} = q${axis} + Math.floor((${rest} - (q${axis} | 0) * ${inner} + 0.5) / ${inner});`
        )
      axes.push({ extent, text: index, integer: false })
      if (inner < exactInteger) {
        prelude.push(`const ${remainder} = ${rest} - ${left < exactInteger ? index : `(${index} | 0)`} * ${inner};`)
        rest = remainder
        integer = false
      } else rest = `(${rest} - (${index} | 0) * ${inner})`
      left = inner
    })
  })
  return { output: groups.map((members) => size(members.map((axis) => extents[axis]!))).toReversed(), prelude, axes }
}

/** Whether an address reaches beyond the integers that f32 holds exactly. */
const isFar = (at: Affine, axes: ReadonlyArray<Axis>, extra: number): boolean =>
  at.strides.reduce((reach, stride, axis) => reach + Math.abs(stride) * (axes[axis]!.extent - 1), Math.abs(at.offset)) +
    extra >=
  exactInteger

/** The text of an affine map over `axes`; `rows` adds an indirect term whose text is an f32 variable. */
export const address = (
  at: Affine,
  axes: ReadonlyArray<Axis>,
  rows?: { readonly text: string; readonly stride: number; readonly extent: number }
): string => {
  const far = isFar(at, axes, rows === undefined ? 0 : rows.stride * rows.extent)
  const whole = (text: string, integer: boolean): string => (far && !integer ? `(${text} | 0)` : text)
  const terms = at.strides.map((stride, axis): readonly [number, string] => [
    stride,
    whole(axes[axis]!.text, axes[axis]!.integer)
  ])
  return sum(rows === undefined ? terms : [[rows.stride, whole(rows.text, false)], ...terms], at.offset)
}
