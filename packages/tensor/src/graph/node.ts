/**
 * The expression graph: about two dozen primitives, and nothing else.
 *
 * A `Node` is an immutable description of one value. Sizes are concrete here (named dimensions were bound when the
 * function was traced), so the whole compiler below works on plain numbers. Every operation of the DSL that is not in
 * this file is written over these, and therefore has a gradient and runs on every device.
 *
 * Nodes are built only through the builders in `./build.ts`, which infer sizes and dtypes.
 */

/** Element types. All are four bytes wide on every device; `bool` is stored as 0 or 1. */
export type DType = "f32" | "i32" | "bool"

/** Host storage of a tensor: `bool` uses `Uint8Array` on the host only. */
export type Data = Float32Array | Float64Array | Int32Array | Uint8Array

/** Elementwise functions of one argument, and the element types that each takes and gives. */
export const unaryTypes = {
  neg: ["f32", "i32"],
  abs: ["f32", "i32"],
  sign: ["f32", "i32"],
  exp: ["f32"],
  log: ["f32"],
  sqrt: ["f32"],
  rsqrt: ["f32"],
  sin: ["f32"],
  cos: ["f32"],
  tanh: ["f32"],
  erf: ["f32"],
  sigmoid: ["f32"],
  floor: ["f32"],
  ceil: ["f32"],
  round: ["f32"],
  not: ["bool"]
} as const satisfies Readonly<Record<string, ReadonlyArray<DType>>>

/**
 * Elementwise functions of two arguments of one dtype, and the element types that each takes and gives. `div` on i32
 * truncates toward zero, `rem` has the sign of the dividend (as C, JavaScript and `jax.lax.rem`). `max` and `min` propagate
 * NaN.
 */
export const binaryTypes = {
  add: ["f32", "i32"],
  sub: ["f32", "i32"],
  mul: ["f32", "i32"],
  div: ["f32", "i32"],
  rem: ["f32", "i32"],
  pow: ["f32", "i32"],
  max: ["f32", "i32"],
  min: ["f32", "i32"],
  and: ["bool"],
  or: ["bool"]
} as const satisfies Readonly<Record<string, ReadonlyArray<DType>>>

type On<Types extends Readonly<Record<string, ReadonlyArray<DType>>>, D extends DType> = {
  [F in keyof Types]: D extends Types[F][number] ? F : never
}[keyof Types]

export type UnaryFn = keyof typeof unaryTypes
export type BinaryFn = keyof typeof binaryTypes

/** The functions of one element type. */
export type UnaryOn<D extends DType> = On<typeof unaryTypes, D>
export type BinaryOn<D extends DType> = On<typeof binaryTypes, D>

/** Comparisons: any dtype -> bool. */
export type CompareFn = "eq" | "ne" | "lt" | "le"

export type ReduceFn = "sum" | "max" | "min"

/**
 * A function of one f32 number that is said once, over other primitives: compilers see what it is computed by, and both the
 * reference and the gradient keep to what it is.
 */
export interface Elementwise {
  readonly name: string
  /** What it is, in float64. */
  readonly exact: (x: number) => number
  /** What devices compute, over the algebra. */
  readonly computed: (x: Node) => Node
  /** The units in the last place of f32 by which a device may miss what it is. */
  readonly ulps: number
  /** Where it is a number; everywhere, unless said. */
  readonly domain?: readonly [low: number, high: number]
  /** The cotangent of `x` from that of the result `y`; linear in `g`. */
  readonly gradient: (g: Node, x: Node, y: Node) => Node
}

/** What notes are about. */
export type NoteName =
  /** A constant to gradients. */
  | "stopGradient"
  /** The gradient goes to what the note refers to, as it is. */
  | "straightThrough"
  /** A gradient written by hand. */
  | "customVjp"
  /** A result whose way from what the note refers to is computed again for the gradient. */
  | "checkpoint"
  /** The value of attention, with what its gradient needs. */
  | "attention"
  /** Not merged with what does not depend on it, nor known before what the note refers to. */
  | "barrier"
  /** A value under a new identity, to differentiate in. */
  | "argument"

/**
 * A note hung on a value, invisible to compilation (it means "the first input") and read by graph transformations:
 * `stopGradient`, custom gradients and checkpoints are notes that `@noema/autodiff` understands.
 */
export interface Note {
  readonly name: NoteName
}

/** The primitives by name, with what each is told beside its inputs. */
export type Primitives = {
  /** A value given at run time. Two inputs are the same only if they are the same node. */
  readonly input: { readonly name: string }
  /** One number, as the dtype holds it; broadcast it for a filled tensor. */
  readonly scalar: { readonly value: number }
  readonly constant: { readonly data: Data }
  /** i32: the index along `axis`. */
  readonly iota: { readonly axis: number }
  readonly unary: { readonly fn: UnaryFn }
  readonly elementwise: { readonly fn: Elementwise }
  readonly binary: { readonly fn: BinaryFn }
  readonly compare: { readonly fn: CompareFn }
  /** Inputs: condition (bool), value if true, value if false; the value not taken is never looked at. */
  readonly select: {}
  readonly cast: {}
  /** Input axis i becomes output axis `axes[i]`; its size is the output's or 1. Other output axes repeat the input. */
  readonly broadcast: { readonly axes: ReadonlyArray<number> }
  /** Row-major reinterpretation. */
  readonly reshape: {}
  /** Output axis i is input axis `order[i]`. */
  readonly permute: { readonly order: ReadonlyArray<number> }
  /** Output index i of axis a reads input index `start[a] + i * step[a]`; a negative step walks backward. */
  readonly slice: { readonly start: ReadonlyArray<number>; readonly step: ReadonlyArray<number> }
  /** `low[a]` and `high[a]` cells of `value`, as the dtype holds it, around the input. */
  readonly pad: { readonly low: ReadonlyArray<number>; readonly high: ReadonlyArray<number>; readonly value: number }
  readonly concat: { readonly axis: number }
  /** Axes are removed. sum of nothing is 0, max of nothing is -Infinity, min of nothing is Infinity. */
  readonly reduce: { readonly fn: ReduceFn; readonly axes: ReadonlyArray<number> }
  /** i32: the first index of the largest value along `axis`, which is removed. A NaN counts as largest. */
  readonly argmax: { readonly axis: number }
  /**
   * The general batched product. `batch` and `contract` pair an axis of the first input with one of the second; the
   * output's axes are the batch axes, then the free axes of the first input, then those of the second.
   */
  readonly dot: {
    readonly batch: ReadonlyArray<readonly [number, number]>
    readonly contract: ReadonlyArray<readonly [number, number]>
  }
  /**
   * Inputs: table [n, ...rest], index (i32, any shape) -> [...index, ...rest]. An index is clamped into 0..n-1; of no
   * rows 0 is read.
   */
  readonly gather: {}
  /** Inputs: index (i32, any shape), updates [...index, ...rest] -> [rows, ...rest]. Out-of-range rows are dropped. */
  readonly scatterAdd: { readonly rows: number }
  /**
   * Inputs: into [..., n, ...], part [..., m, ...], at (i32 scalar) -> into, with the part in place of its cells from `at`
   * on along `axis`. Cells of the part that fall outside are dropped.
   */
  readonly put: { readonly axis: number }
  /** Running sum along `axis`, inclusive. */
  readonly cumsum: { readonly axis: number }
  /** Input: key (i32 [2]) -> f32 in [0, 1), multiples of 2^-24, from Threefry-2x32-20 of the flat index and `domain`. */
  readonly uniform: { readonly domain: number }
  /** Input: key (i32 [2]) -> the i32 [2] key Threefry gives for `domain` and `data`, or the second input (an i32 scalar). */
  readonly foldIn: { readonly data: number | null; readonly domain: number }
  /** The first input, with a note for graph transformations; further inputs are what the note refers to. */
  readonly note: { readonly note: Note }
}

export type OpKind = keyof Primitives

/** What a node does. A table of primitives, `{ [K in OpKind]: (op: Op<K>) => ... }`, can be called at `op.kind` with `op`. */
export type Op<K extends OpKind = OpKind> = { [P in K]: { readonly kind: P } & Primitives[P] }[K]

export interface Node {
  /** Grows with creation, so ids order any graph topologically. */
  readonly id: number
  readonly op: Op
  readonly inputs: ReadonlyArray<Node>
  readonly sizes: ReadonlyArray<number>
  readonly dtype: DType
}

/** A traced function: `inputs` in the order they are passed, and what it returns. */
export interface Graph {
  readonly inputs: ReadonlyArray<Node>
  readonly outputs: ReadonlyArray<Node>
}
