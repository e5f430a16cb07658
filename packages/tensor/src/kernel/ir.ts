/**
 * The kernel description: what fusion produces and every emitter reads. Plain data, printable, the same for all devices.
 *
 * A `Schedule` is a list of steps over numbered buffers; a step is a kernel and its arguments. Inside a kernel a buffer
 * is a parameter, an index into the step's `args`, so that steps of equal structure share one kernel. Buffers are
 * contiguous row-major arrays of four-byte elements; views never exist as buffers, they are strides in a kernel's loads.
 *
 * Two parameters of one step may be the same memory where a store overwrites a value that is loaded for the last time:
 * then every load of it has the same affine map and level as the store, so an emitter must load at a point before it
 * stores at that point, and must run all row stores of a kernel in one pass over the row.
 */
import type { BinaryFn, CompareFn, DType, ReduceFn, UnaryFn } from "../graph/node.ts"

/** A buffer of a schedule. */
export interface Buffer {
  readonly id: number
  readonly dtype: DType
  readonly length: number
  /** `input`: given at run time; `output`: handed back; `constant`: part of the program; `temp`: lives in the arena. */
  readonly role: "input" | "output" | "constant" | "temp"
  /** Where it came from, for messages and printing: `softmax.max`, `params.layers.0.q`. */
  readonly label: string
  readonly data?: Float32Array | Int32Array
}

/** `offset + sum_i strides[i] * index[i]` over the kernel's loop axes, in elements. */
export interface Affine {
  readonly offset: number
  readonly strides: ReadonlyArray<number>
}

/** Index of an expression in its kernel's list; arguments always precede their users. */
export type ExprId = number

/** Index of a buffer in the step's `args`. */
export type Param = number

export type Expr =
  | { readonly op: "literal"; readonly value: number; readonly dtype: DType }
  | {
      readonly op: "load"
      readonly buffer: Param
      readonly at: Affine
      readonly dtype: DType
      /**
       * Indirection by rows (gather): adds `clamp(index, 0, extent - 1) * stride` to the address. `index` is an i32
       * expression of the same kernel.
       */
      readonly rows?: { readonly index: ExprId; readonly stride: number; readonly extent: number }
    }
  /** An affine function of the loop indices as an i32 value. */
  | { readonly op: "index"; readonly at: Affine; readonly dtype: "i32" }
  | { readonly op: "unary"; readonly fn: UnaryFn; readonly x: ExprId; readonly dtype: DType }
  | { readonly op: "binary"; readonly fn: BinaryFn; readonly a: ExprId; readonly b: ExprId; readonly dtype: DType }
  | { readonly op: "compare"; readonly fn: CompareFn; readonly a: ExprId; readonly b: ExprId; readonly dtype: "bool" }
  | {
      readonly op: "select"
      readonly condition: ExprId
      readonly yes: ExprId
      readonly no: ExprId
      readonly dtype: DType
    }
  | { readonly op: "cast"; readonly x: ExprId; readonly dtype: DType }
  /**
   * `below` where the index of loop axis `axis` is less than `at`, else `above`. Loads under the side not chosen may
   * be out of bounds and must not be carried out there: emitters split the loop at `at` or guard the load.
   * This is how pad and concat are fused.
   */
  | {
      readonly op: "choose"
      readonly axis: number
      readonly at: number
      readonly below: ExprId
      readonly above: ExprId
      readonly dtype: DType
    }
  /** Over all row axes; the value no longer varies along the row. `argmax` gives the i32 index along the row. */
  | { readonly op: "reduce"; readonly fn: ReduceFn | "argmax"; readonly x: ExprId; readonly dtype: DType }
  /** In a `gemm` epilogue only: the product's element. */
  | { readonly op: "product"; readonly dtype: "f32" }
  /** Threefry-2x32-20 of the flat index `at` and `domain` under the key held in `buffer` (two i32): f32 in [0, 1). */
  | {
      readonly op: "uniform"
      readonly buffer: Param
      readonly at: Affine
      readonly domain: number
      readonly dtype: "f32"
    }

/** A value written at every point of the loop (`row: true`) or once per point of the parallel axes. */
export interface Store {
  readonly buffer: Param
  readonly at: Affine
  readonly value: ExprId
  readonly row: boolean
}

/**
 * Loops over `axes` (parallel, outermost first) and inside them over `row` (the reduction domain, usually one axis).
 * Affine maps and `choose` count axes through both: parallel axes first, then row axes. With no reduction, `row` is
 * empty and every axis is parallel. Softmax, RMSNorm, cross-entropy and their gradients are one such kernel each:
 * several reductions over the same row, then stores.
 */
export interface LoopKernel {
  readonly kind: "loop"
  readonly axes: ReadonlyArray<number>
  readonly row: ReadonlyArray<number>
  readonly exprs: ReadonlyArray<Expr>
  readonly stores: ReadonlyArray<Store>
}

/** One operand of a product: how to reach element (batch..., i, j). */
export interface GemmOperand {
  readonly buffer: Param
  readonly offset: number
  readonly batch: ReadonlyArray<number>
  readonly rows: number
  readonly columns: number
}

/**
 * C[batch, m, n] = sum_k A[batch, m, k] * B[batch, k, n], then the epilogue. Operands are strided views (a transpose is
 * a pair of strides, a broadcast batch a zero stride). The epilogue is a list of expressions over the axes
 * (batch..., m, n) in which `product` stands for the sum; without one, `product` is stored through `out`.
 */
export interface GemmKernel {
  readonly kind: "gemm"
  readonly batch: ReadonlyArray<number>
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: GemmOperand
  readonly b: GemmOperand
  readonly exprs: ReadonlyArray<Expr>
  readonly stores: ReadonlyArray<Store>
}

/** Running sum along the middle axis of [outer, length, inner]. */
export interface ScanKernel {
  readonly kind: "scan"
  readonly outer: number
  readonly length: number
  readonly inner: number
  readonly from: Param
  readonly to: Param
  readonly dtype: DType
}

/** to[rows, width] = 0; to[index[i], :] += updates[i, :] for i in 0..count-1, in order. */
export interface ScatterAddKernel {
  readonly kind: "scatterAdd"
  readonly rows: number
  readonly width: number
  readonly count: number
  readonly index: Param
  readonly updates: Param
  readonly to: Param
  readonly dtype: DType
}

/**
 * to[outer, length, inner] = into, with from[outer, part, inner] in place of its cells from `at` (one i32) on; cells that
 * fall outside are dropped. Where `to` is the memory of `into` only the part is written.
 */
export interface PutKernel {
  readonly kind: "put"
  readonly outer: number
  readonly length: number
  readonly inner: number
  readonly part: number
  readonly into: Param
  readonly from: Param
  readonly at: Param
  readonly to: Param
  readonly dtype: DType
}

/** to = Threefry key derived from `key` by `domain` and `data` (a literal or a one-element i32 buffer). */
export interface FoldInKernel {
  readonly kind: "foldIn"
  readonly key: Param
  readonly data: { readonly literal: number } | { readonly buffer: Param }
  readonly domain: number
  readonly to: Param
}

export type Kernel = LoopKernel | GemmKernel | ScanKernel | ScatterAddKernel | PutKernel | FoldInKernel

export type KernelKind = Kernel["kind"]

/** The kernels of a kind. A table of them, `{ [K in KernelKind]: (kernel: KernelOf<K>) => ... }`, is called by kind. */
export type KernelOf<K extends KernelKind> = { [P in KernelKind]: Extract<Kernel, { readonly kind: P }> }[K]

export interface Step {
  readonly kernel: Kernel
  /** The buffer of each parameter, numbered by first use in the kernel: all loads in order, then all stores. */
  readonly args: ReadonlyArray<number>
  /** Which of `args` are read and written: buffer ids. */
  readonly reads: ReadonlyArray<number>
  readonly writes: ReadonlyArray<number>
  /** Readable name made from the operations fused into it, e.g. `max+exp+sum+div`, `dot+add`. */
  readonly name: string
  /** The kernel as text: steps with equal signatures share one compiled kernel. */
  readonly signature: string
}

/** A compiled graph: run the steps in order. */
export interface Schedule {
  readonly buffers: ReadonlyArray<Buffer>
  readonly steps: ReadonlyArray<Step>
  /** Buffer of each graph input, in order; -1 where the graph does not use it. */
  readonly inputs: ReadonlyArray<number>
  /**
   * Buffer of each graph output, in order. An output may be an input or a constant handed back unchanged, and two
   * outputs may be one buffer.
   */
  readonly outputs: ReadonlyArray<number>
}

/** Static placement of a schedule's buffers. */
export interface Plan {
  /** Byte offset in the arena per buffer id; -1 for buffers that live outside it (inputs, outputs, constants). */
  readonly offsets: ReadonlyArray<number>
  readonly arenaBytes: number
  /**
   * Per graph output: the graph input whose memory it may be written into directly (a donation that is safe), or -1.
   * A donated pair missing here must be computed elsewhere and copied over when the run ends.
   */
  readonly donated: ReadonlyArray<number>
  /** Arena, constants, inputs and fresh outputs together: the peak, known before anything runs. */
  readonly peakBytes: number
}

/** What a device's kernels can do; the fusion stays within it. */
export interface LowerOptions {
  /** Distinct buffers a kernel may load from. */
  readonly maxLoads: number
  /** Values a kernel may store. */
  readonly maxStores: number
  /** Whether a kernel with reductions may also store values along the row (reduce, then map). */
  readonly rowStores: boolean
  /** Whether a product may have an epilogue. */
  readonly epilogue: boolean
  /** Whether long reductions with few results are made in two stages, for threads that share the kernels. */
  readonly twoStages: boolean
  /** Checked mode: every node of the graph becomes a kernel of its own, in graph order. */
  readonly unfused: boolean
}
