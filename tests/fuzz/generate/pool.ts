/** The values a program has made so far, with their numbers, so that what comes next can be chosen to mean something. */
import { ShapeError, Tensor } from "@noema/tensor"
import { count, type DType, input } from "@noema/tensor/graph"
import { interpret, type Value } from "@noema/tensor/reference"
import type { Dice } from "../dice.ts"
import { carriedOut } from "../program/apply.ts"
import {
  type Argument,
  type Call,
  type DimOf,
  type Input,
  ref,
  type Ref,
  referred,
  sizesOf
} from "../program/program.ts"
import { shapeOf } from "../program/subject.ts"

/** Adds a few calls to a program, or none where nothing fits. */
export interface Maker {
  readonly weight: number
  readonly make: (pool: Pool, dice: Dice) => void
}

/** A value of the program. */
export interface Known {
  readonly id: number
  /** Stands for the value in calls, as if it were an input: what it was made of does not matter to them. */
  readonly tensor: Tensor.AnyTensor
  readonly sizes: ReadonlyArray<number>
  readonly dtype: DType
  readonly value: Value
  /** No rounding was needed to make it, so it may decide something. */
  readonly exact: boolean
}

export interface PoolOptions {
  /** Values of more elements are not made. */
  readonly most: number
  /** How often a value is kept that is not finite although its operands are. */
  readonly wild: number
}

const rounded = { f32: (value: Value) => void value.set(Float32Array.from(value)) }

const isFinite = (value: Value): boolean => value.every((x) => Number.isFinite(x))

const largest = (value: Value): number => {
  let most = 0
  for (const x of value) most = Math.max(most, Math.abs(x))
  return most
}

export class Pool {
  readonly values: Array<Known> = []
  readonly calls: Array<Call> = []
  readonly inputs: ReadonlyArray<Input>
  readonly dice: Dice
  readonly wild: number
  readonly #most: number
  /** How often each value was used. */
  readonly #uses: Array<number> = []

  constructor(inputs: ReadonlyArray<Input>, dice: Dice, options: PoolOptions) {
    this.inputs = inputs
    this.dice = dice
    this.wild = options.wild
    this.#most = options.most
    for (const given of inputs) {
      const node = input("", sizesOf(given.shape), given.dtype)
      const [value] = interpret({ inputs: [node], outputs: [node] }, [given.data])
      this.#remember(Tensor.fromNode(node, shapeOf(given)), value!, true)
    }
  }

  /** Adds what a call gives, and returns it; null where the package refuses it or it would be of no use. */
  call(fn: string, ...args: ReadonlyArray<Argument>): Known | null {
    return this.part(undefined, fn, ...args)
  }

  /** As `call`, of one of several results. */
  part(part: Call["part"], fn: string, ...args: ReadonlyArray<Argument>): Known | null {
    const call: Call = part === undefined ? { fn, args } : { fn, args, part }
    let tensor: Tensor.AnyTensor
    try {
      tensor = carriedOut(
        call,
        this.values.map((known) => known.tensor)
      )
    } catch (error) {
      if (error instanceof ShapeError) return null
      throw error
    }
    if (count(tensor.sizes) > this.#most || tensor.sizes.length > 5) return null
    const operands = [...new Set(args.flatMap(referred))].map((id) => this.values[id]!)
    const graph = { inputs: operands.map((each) => each.tensor.node), outputs: [tensor.node] }
    const data = operands.map((each) => each.value)
    const plain = interpret(graph, data)[0]!
    const value = interpret(graph, data, (node, made) => (node.dtype === "f32" ? rounded.f32(made) : undefined))[0]!
    if (!this.#isUseful(value, operands)) return null
    const exact = operands.every((each) => each.exact) && plain.every((x, i) => Object.is(x, value[i]))
    this.calls.push(call)
    for (const { id } of operands) this.#uses[id]!++
    return this.#remember(tensor, value, exact)
  }

  /** A value, rather a late one, one that nothing uses yet and one of several elements. */
  some(fits: (known: Known) => boolean = () => true): Known | null {
    const fitting = this.values.filter(fits)
    if (fitting.length === 0) return null
    return this.dice.weighted(
      fitting.map((known, i) => ({
        known,
        weight:
          (1 + (4 * (i + 1)) / fitting.length) * (this.#uses[known.id] === 0 ? 3 : 1) * (known.value.length > 1 ? 2 : 1)
      }))
    ).known
  }

  real(fits: (known: Known) => boolean = () => true): Known | null {
    return this.some((known) => known.dtype === "f32" && fits(known))
  }

  whole(fits: (known: Known) => boolean = () => true): Known | null {
    return this.some((known) => known.dtype === "i32" && fits(known))
  }

  mask(fits: (known: Known) => boolean = () => true): Known | null {
    return this.some((known) => known.dtype === "bool" && fits(known))
  }

  /** A value that decides: an exact one where there is one, most of the time. */
  deciding(fits: (known: Known) => boolean): Known | null {
    return (this.dice.chance(0.85) ? this.some((known) => known.exact && fits(known)) : null) ?? this.some(fits)
  }

  /** The values nothing uses. */
  unused(): ReadonlyArray<Known> {
    return this.values.filter(({ id }) => id >= this.inputs.length && this.#uses[id] === 0)
  }

  #remember(tensor: Tensor.AnyTensor, value: Value, exact: boolean): Known {
    const node = input("", tensor.sizes, tensor.dtype)
    const shadow = Tensor.fromNode(node, tensor)
    const { dtype, sizes } = tensor
    const known = { id: this.values.length, tensor: shadow, sizes, dtype, value, exact }
    this.values.push(known)
    this.#uses.push(0)
    return known
  }

  #isUseful(value: Value, operands: ReadonlyArray<Known>): boolean {
    if (operands.every((each) => isFinite(each.value)) && !isFinite(value)) return this.dice.chance(this.wild)
    if (largest(value) > 1e5 && value instanceof Float64Array) return this.dice.chance(this.wild)
    return true
  }
}

export const at = ({ id }: Known): Ref => ref(id)

/** The size of an axis, which keeps its name. */
export const dimOf = ({ id }: Known, axis: number): DimOf => ({ dim: id, axis })

/** All sizes of a value. */
export const dimsOf = (known: Known): ReadonlyArray<DimOf> => known.sizes.map((_, axis) => dimOf(known, axis))

/** An axis, now and then counted from the end. */
export const axisOf = (known: Known, dice: Dice): number => {
  const axis = dice.below(known.sizes.length)
  return dice.chance(0.3) ? axis - known.sizes.length : axis
}

export const sameShape = (a: Known, b: Known): boolean => String(a.tensor.shape) === String(b.tensor.shape)

/** Whether one broadcasts against the other, names and all. */
export const broadcasts = (a: Known, b: Known): boolean => {
  const [p, q] = [a.tensor.shape.toReversed(), b.tensor.shape.toReversed()]
  return p.slice(0, q.length).every((dim, i) => dim === q[i] || dim === 1 || q[i] === 1)
}
