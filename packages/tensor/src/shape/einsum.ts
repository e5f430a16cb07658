/**
 * Einstein summation with named axes: `"b i d, b j d -> b i j"`.
 */
import {
  type Axis,
  axesOf,
  type Box,
  type Boxed,
  type Dim,
  type Dims,
  fromAxes,
  type Identical,
  type Shape,
  show,
  type ShowBox,
  type ShowBoxes
} from "./dim.ts"
import { unify, type Unify, type Unranked } from "./dim.ts"
import { type Mismatch, type Wrong, wrong } from "./errors.ts"

type Words<S extends string, Out extends ReadonlyArray<string> = []> = S extends `${infer H} ${infer T}`
  ? Words<T, H extends "" ? Out : [...Out, H]>
  : S extends ""
    ? Out
    : [...Out, S]

type Trim<S extends string> = S extends ` ${infer T}` ? Trim<T> : S extends `${infer T} ` ? Trim<T> : S

/** `Env` with the axes of one operand bound to the boxes of its dimensions. */
type Bind<Names extends ReadonlyArray<string>, S, Env, Term extends string, Whole = S> = Names extends readonly [
  infer N extends string,
  ...infer NT extends ReadonlyArray<string>
]
  ? S extends readonly [infer D, ...infer ST]
    ? N extends keyof Env
      ? Unify<Env[N], D> extends infer U extends Box<unknown>
        ? Bind<NT, ST, Identical<Env[N], U> extends true ? Env : Omit<Env, N> & { [_ in N]: U }, Term, Whole>
        : Wrong<"einsumAxis", { name: N; x: ShowBox<Env[N]>; y: ShowBox<D> }>
      : Bind<NT, ST, Env & { [_ in N]: D }, Term, Whole>
    : Wrong<"einsumMoreNames", { term: Trim<Term>; a: ShowBoxes<Whole> }>
  : S extends readonly []
    ? Env
    : Wrong<
        Words<Term>["length"] extends 1 ? "einsumOneWord" : "einsumFewerNames",
        { term: Trim<Term>; a: ShowBoxes<Whole> }
      >

type BindAll<
  Terms extends string,
  Shapes extends ReadonlyArray<Shape>,
  In extends string,
  Env = {}
> = Shapes extends readonly [infer S extends Shape, ...infer Rest extends ReadonlyArray<Shape>]
  ? Terms extends `${infer H},${infer T}`
    ? Bind<Words<H>, Boxed<S>, Env, H> extends infer E
      ? E extends Mismatch<string>
        ? E
        : Rest extends readonly []
          ? Wrong<"einsumMoreTerms", { spec: Trim<In> }>
          : BindAll<T, Rest, In, E>
      : never
    : Bind<Words<Terms>, Boxed<S>, Env, Terms> extends infer E
      ? E extends Mismatch<string>
        ? E
        : Rest extends readonly []
          ? E
          : Wrong<"einsumFewerTerms", { spec: Trim<In> }>
      : never
  : Wrong<"nothing", { op: "einsum" }>

type Output<
  Names extends ReadonlyArray<string>,
  Env,
  Out extends Shape = [],
  Seen extends string = never
> = Names extends readonly [infer N extends string, ...infer T extends ReadonlyArray<string>]
  ? N extends keyof Env
    ? N extends Seen
      ? Wrong<"einsumTwice", { name: N }>
      : Env[N] extends Box<infer D extends Dim>
        ? Output<T, Env, [...Out, D], Seen | N>
        : never
    : Wrong<"einsumOutput", { name: N }>
  : Out

/** The shape an einsum makes, or a sentence. */
export type Einsum<Spec extends string, Shapes extends ReadonlyArray<Shape>> = string extends Spec
  ? Shape
  : true extends (number extends Shapes["length"] ? true : Unranked<Shapes[number]>)
    ? Shape
    : Spec extends `${infer In}->${infer Out}`
      ? BindAll<In, Shapes, In> extends infer E
        ? E extends Mismatch<string>
          ? E
          : Output<Words<Out>, E>
        : never
      : Wrong<"einsumArrow", { spec: Spec }>

export interface Equation {
  /** The names of each operand's axes. */
  readonly terms: ReadonlyArray<ReadonlyArray<string>>
  readonly output: ReadonlyArray<string>
  readonly axes: ReadonlyMap<string, Axis>
  readonly out: Dims
}

const words = (text: string): ReadonlyArray<string> => text.split(" ").filter((word) => word !== "")

/** The run-time side of `Einsum`. */
export const einsum = (spec: string, operands: ReadonlyArray<Dims>): Equation => {
  const arrow = spec.indexOf("->")
  if (arrow < 0) wrong("einsumArrow", { spec })
  const left = spec.slice(0, arrow)
  const terms = left.split(",")
  const output = words(spec.slice(arrow + 2))
  if (operands.length === 0) wrong("nothing", { op: "einsum" })
  const axes = new Map<string, Axis>()
  operands.forEach((operand, i) => {
    if (i >= terms.length) wrong("einsumFewerTerms", { spec: left.trim() })
    bind(axes, terms[i]!, operand)
  })
  if (terms.length > operands.length) wrong("einsumMoreTerms", { spec: left.trim() })
  const out = output.map((name, i) => {
    const axis = axes.get(name) ?? wrong("einsumOutput", { name })
    return output.indexOf(name) < i ? wrong("einsumTwice", { name }) : axis
  })
  return { terms: terms.map(words), output, axes, out: fromAxes(out) }
}

const bind = (axes: Map<string, Axis>, term: string, operand: Dims): void => {
  const [names, dims] = [words(term), axesOf(operand)]
  names.forEach((name, i) => {
    const axis = dims[i] ?? wrong("einsumMoreNames", { term: term.trim(), a: show(operand.shape) })
    const bound = axes.get(name)
    const both = bound === undefined ? axis : unify("einsum", bound, axis)
    axes.set(name, both ?? wrong("einsumAxis", { name, x: bound!.dim, y: axis.dim }))
  })
  if (names.length < dims.length)
    wrong(names.length === 1 ? "einsumOneWord" : "einsumFewerNames", { term: term.trim(), a: show(operand.shape) })
}
