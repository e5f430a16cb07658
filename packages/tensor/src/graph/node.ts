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

/** Elementwise functions of one argument. `not` is bool -> bool; `neg`, `abs`, `sign` also take i32. */
export type UnaryFn =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "sin"
  | "cos"
  | "tanh"
  | "erf"
  | "sigmoid"
  | "floor"
  | "ceil"
  | "round"
  | "not"

/**
 * Elementwise functions of two arguments of one dtype. `div` on i32 truncates toward zero, `rem` has the sign of the
 * dividend (as C, JavaScript and `jax.lax.rem`). `max` and `min` propagate NaN. `and`, `or` take bool.
 */
export type BinaryFn = "add" | "sub" | "mul" | "div" | "rem" | "pow" | "max" | "min" | "and" | "or"

/** Comparisons: any dtype -> bool. */
export type CompareFn = "eq" | "ne" | "lt" | "le"

export type ReduceFn = "sum" | "max" | "min"

/**
 * A note hung on a value, invisible to compilation (it means "the first input") and read by graph transformations:
 * `stopGradient`, custom gradients and checkpoints are notes that `@noema/autodiff` understands.
 */
export interface Note {
  readonly name: string
}

export type Op =
  /** A value given at run time. Two inputs are the same only if they are the same node. */
  | { readonly kind: "input"; readonly name: string }
  /** One number, as the dtype holds it; broadcast it for a filled tensor. */
  | { readonly kind: "scalar"; readonly value: number }
  | { readonly kind: "constant"; readonly data: Data }
  /** i32: the index along `axis`. */
  | { readonly kind: "iota"; readonly axis: number }
  | { readonly kind: "unary"; readonly fn: UnaryFn }
  | { readonly kind: "binary"; readonly fn: BinaryFn }
  | { readonly kind: "compare"; readonly fn: CompareFn }
  /** Inputs: condition (bool), value if true, value if false; the value not taken is never looked at. */
  | { readonly kind: "select" }
  | { readonly kind: "cast" }
  /** Input axis i becomes output axis `axes[i]`; its size is the output's or 1. Other output axes repeat the input. */
  | { readonly kind: "broadcast"; readonly axes: ReadonlyArray<number> }
  /** Row-major reinterpretation. */
  | { readonly kind: "reshape" }
  /** Output axis i is input axis `order[i]`. */
  | { readonly kind: "permute"; readonly order: ReadonlyArray<number> }
  /** Output index i of axis a reads input index `start[a] + i * step[a]`; a negative step walks backward. */
  | { readonly kind: "slice"; readonly start: ReadonlyArray<number>; readonly step: ReadonlyArray<number> }
  /** `low[a]` and `high[a]` cells of `value`, as the dtype holds it, around the input. */
  | {
      readonly kind: "pad"
      readonly low: ReadonlyArray<number>
      readonly high: ReadonlyArray<number>
      readonly value: number
    }
  | { readonly kind: "concat"; readonly axis: number }
  /** Axes are removed. sum of nothing is 0, max of nothing is -Infinity, min of nothing is Infinity. */
  | { readonly kind: "reduce"; readonly fn: ReduceFn; readonly axes: ReadonlyArray<number> }
  /** i32: the first index of the largest value along `axis`, which is removed. A NaN counts as largest. */
  | { readonly kind: "argmax"; readonly axis: number }
  /**
   * The general batched product. `batch` and `contract` pair an axis of the first input with one of the second; the
   * output's axes are the batch axes, then the free axes of the first input, then those of the second.
   */
  | {
      readonly kind: "dot"
      readonly batch: ReadonlyArray<readonly [number, number]>
      readonly contract: ReadonlyArray<readonly [number, number]>
    }
  /**
   * Inputs: table [n, ...rest], index (i32, any shape) -> [...index, ...rest]. An index is clamped into 0..n-1; of no
   * rows 0 is read.
   */
  | { readonly kind: "gather" }
  /** Inputs: index (i32, any shape), updates [...index, ...rest] -> [rows, ...rest]. Out-of-range rows are dropped. */
  | { readonly kind: "scatterAdd"; readonly rows: number }
  /**
   * Inputs: into [..., n, ...], part [..., m, ...], at (i32 scalar) -> into, with the part in place of its cells from `at`
   * on along `axis`. Cells of the part that fall outside are dropped.
   */
  | { readonly kind: "put"; readonly axis: number }
  /** Running sum along `axis`, inclusive. */
  | { readonly kind: "cumsum"; readonly axis: number }
  /** Input: key (i32 [2]) -> f32 in [0, 1), multiples of 2^-24, from Threefry-2x32-20 of the flat index and `domain`. */
  | { readonly kind: "uniform"; readonly domain: number }
  /** Input: key (i32 [2]) -> the i32 [2] key Threefry gives for `domain` and `data`, or the second input (an i32 scalar). */
  | { readonly kind: "foldIn"; readonly data: number | null; readonly domain: number }
  /** The first input, with a note for graph transformations; further inputs are what the note refers to. */
  | { readonly kind: "note"; readonly note: Note }

export type OpKind = Op["kind"]

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
