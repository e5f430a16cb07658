/** The same calls on smaller sizes and plainer numbers. */
import { count, type Data } from "@noema/tensor/graph"
import { type Argument, type Input, isDimOf, isRef, mapped, type Program, sizeOf, sizesOf } from "../program/program.ts"

/** The part of an input within smaller sizes. */
const cut = ({ data, dtype, shape }: Input, to: ReadonlyArray<number>): Data => {
  const from = sizesOf(shape)
  const place = (i: number): number => {
    let [rest, place, stride] = [i, 0, 1]
    for (let axis = to.length - 1; axis >= 0; axis--) {
      place += (rest % to[axis]!) * stride
      rest = Math.floor(rest / to[axis]!)
      stride *= from[axis]!
    }
    return place
  }
  const element = (_: unknown, i: number): number => data[place(i)]!
  const length = { length: count(to) }
  if (dtype === "f32") return Float32Array.from(length, element)
  return dtype === "i32" ? Int32Array.from(length, element) : Uint8Array.from(length, element)
}

const resized = (input: Input, from: number, to: number): Input => {
  const shape = input.shape.map((size) =>
    sizeOf(size) !== from ? size : typeof size === "number" ? to : { dim: size.dim, size: to }
  )
  return { ...input, shape, data: cut(input, sizesOf(shape)) }
}

/** One axis of one input made shorter. */
export function* shorterAxes({ inputs, ...rest }: Program): Iterable<Program> {
  for (const [at, input] of inputs.entries())
    for (const [axis, size] of input.shape.entries())
      for (const to of [1, 2, Math.floor(sizeOf(size) / 2)])
        if (typeof size === "number" && to > 0 && to < size) {
          const shape = input.shape.with(axis, to)
          yield { ...rest, inputs: inputs.with(at, { ...input, shape, data: cut(input, sizesOf(shape)) }) }
        }
}

/** Every axis of one size made shorter, and the numbers in lists that say this size. */
export function* shorter(program: Program): Iterable<Program> {
  const sizes = new Set(program.inputs.flatMap(({ shape }) => shape.map(sizeOf)))
  const renamed = (from: number, to: number) => (argument: Argument) =>
    Array.isArray(argument) ? (mapped(argument, (leaf) => (leaf === from ? to : leaf)) as Argument) : argument
  for (const from of [...sizes].toSorted((a, b) => b - a))
    for (const to of [1, 2, 3, 4, 8, Math.floor(from / 2), from - 1])
      if (to < from && to > 0) {
        const inputs = program.inputs.map((input) => resized(input, from, to))
        yield { ...program, inputs }
        yield {
          ...program,
          inputs,
          calls: program.calls.map((call) => ({ ...call, args: call.args.map(renamed(from, to)) }))
        }
      }
}

const plainReals: ReadonlyArray<(x: number, i: number) => number> = [
  () => 0,
  () => 1,
  (_, i) => i + 1,
  (x) => Math.round(x),
  (x) => Math.round(x * 4) / 4,
  (x) => Number(x.toPrecision(2)),
  (x) => (Number.isFinite(x) ? x : 1)
]

const plainWholes: ReadonlyArray<(x: number, i: number) => number> = [() => 0, () => 1, (_, i) => i]

const masks: ReadonlyArray<(x: number, i: number) => number> = [() => 1, () => 0, (_, i) => i % 2]

const plain = { f32: plainReals, i32: plainWholes, bool: masks }

const differs = (a: Data, b: Data): boolean => a.some((x, i) => !Object.is(x, b[i]))

/** An input with plainer numbers; where there are few, also one by one. */
export function* plainerNumbers(program: Program): Iterable<Program> {
  const { inputs } = program
  const withData = (at: number, data: Data): Program => ({
    ...program,
    inputs: inputs.with(at, { ...inputs[at]!, data })
  })
  for (const [at, { data, dtype }] of inputs.entries()) {
    for (const fn of plain[dtype]) {
      const next = data.map(fn) as Data
      if (differs(data, next)) yield withData(at, next)
    }
    if (data.length > 24) continue
    for (const [i, x] of data.entries())
      for (const to of dtype === "f32" ? [0, 1, Math.round(x), Number(x.toPrecision(2))] : [0, 1]) {
        const next = data.slice()
        next[i] = to
        if (differs(data, next) && Math.abs(to) <= Math.abs(x)) yield withData(at, next)
      }
  }
}

/** One number in a call made plainer, or one option of it left out. */
export function* plainerCalls(program: Program): Iterable<Program> {
  const withArgs = (at: number, args: ReadonlyArray<Argument>): Program => ({
    ...program,
    calls: program.calls.with(at, { ...program.calls[at]!, args })
  })
  for (const [at, { args }] of program.calls.entries()) {
    const last = args.at(-1)
    if (args.length > 1 && typeof last === "object" && !Array.isArray(last) && !isRef(last) && !isDimOf(last))
      yield withArgs(at, args.slice(0, -1))
    for (const [i, argument] of args.entries()) {
      let leaves = 0
      mapped(argument, () => leaves++)
      for (let leaf = 0; leaf < leaves; leaf++)
        for (const to of [0, 1, 2]) {
          let [seen, isPlainer] = [0, false]
          const next = mapped(argument, (each) => {
            if (seen++ !== leaf || typeof each !== "number" || Math.abs(each) <= to) return each
            isPlainer = true
            return to
          }) as Argument
          if (isPlainer) yield withArgs(at, args.with(i, next))
        }
    }
  }
}
