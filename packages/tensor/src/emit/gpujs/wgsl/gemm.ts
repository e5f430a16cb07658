/**
 * The tiled product in WGSL: what gpu.js cannot express, because it has neither workgroup memory nor barriers.
 *
 * A workgroup computes a tile of C. For every slice of k it brings a slice of A (transposed) and of B into workgroup
 * memory, four elements a store, and each thread accumulates its own register tile of `4 * rows` by `4 * columns`.
 * Any strides are read; the thread that loads an element is chosen so that neighbours read neighbours. The epilogue is
 * the kernel's own, computed while the element is still in a register.
 */
import type { GemmKernel, GemmOperand } from "../../../kernel/ir.ts"
import { body } from "../body.ts"
import { size } from "../rewrite.ts"
import { print, sum } from "../text.ts"
import { functionsFor, place, special, wgsl } from "./dialect.ts"
import type { Shader } from "./shader.ts"

/** Rows and columns of quads (four elements) that a thread owns, over 16 x 16 threads. */
export interface Tile {
  readonly quads: 1 | 2
  /** Elements of k in workgroup memory at a time. */
  readonly depth: 8 | 16
}

const large: Tile = { quads: 2, depth: 8 }
const small: Tile = { quads: 1, depth: 16 }

const side = 16

const edge = (tile: Tile): number => side * 4 * tile.quads

/** Workgroups that keep a large device busy. */
const enoughGroups = 200

/** Multiplications below which the few workgroups of a tiled product leave a device idle. */
const enoughWork = 2 ** 20

/**
 * The tile for a product, or null where the plain kernel is as good.
 *
 * @example
 * GpuJs.tileFor({ batch: [], m: 1024, n: 1024, k: 1024 }) // => { quads: 1, depth: 16 }
 * GpuJs.tileFor({ batch: [], m: 8, n: 8, k: 8 }) // => null
 */
export const tileFor = ({ batch, k, m, n }: Pick<GemmKernel, "batch" | "m" | "n" | "k">): Tile | null => {
  const products = size(batch)
  if (products > 65_535 || Math.max(m, n) > 65_535 * edge(small)) return null
  if (m < 32 || n < 32 || k < 16 || m * n < 4096 || products * m * n * k < enoughWork) return null
  const groups = products * Math.ceil(m / edge(large)) * Math.ceil(n / edge(large))
  return groups >= enoughGroups ? large : small
}

const buffers = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => `b${i}`)

/** Loads one quad of an operand's slice into workgroup memory; the quad runs along m (of A) or n (of B). */
const load = (
  into: string,
  from: string,
  base: string,
  operand: { readonly quad: number; readonly depth: number },
  extent: { readonly quad: number; readonly depth: number },
  origin: string,
  tile: Tile
): ReadonlyArray<string> => {
  const quads = side * tile.quads
  const loads = (quads * tile.depth) / (side * side)
  const alongDepth = operand.depth === 1 && operand.quad !== 1
  const lines: Array<string> = []
  for (let turn = 0; turn < loads; turn++) {
    const slot = turn === 0 ? "thread" : `(thread + ${turn * side * side})`
    const [quad, depth] = alongDepth
      ? [`${slot} / ${tile.depth}`, `${slot} % ${tile.depth}`]
      : [`${slot} % ${quads}`, `${slot} / ${quads}`]
    const element = (lane: number): string => {
      const at = `${base} + ${sum(
        [
          [operand.quad, `(first + ${lane})`],
          [operand.depth, "deep"]
        ],
        0
      )}`
      const guards = [
        ...(extent.quad % edge(tile) === 0 ? [] : [`first + ${lane} < ${extent.quad}`]),
        ...(extent.depth % tile.depth === 0 ? [] : [`deep < ${extent.depth}`])
      ]
      return guards.length === 0
        ? `value[${lane}] = ${from}[${at}];`
        : `if (${guards.join(" && ")}) { value[${lane}] = ${from}[${at}]; }`
    }
    lines.push(
      "{",
      `  let quad = ${quad};`,
      `  let depth = ${depth};`,
      `  let first = ${origin} + quad * 4;`,
      "  let deep = step + depth;",
      "  var value = vec4<f32>();",
      ...[0, 1, 2, 3].map((lane) => `  ${element(lane)}`),
      `  ${into}[depth * ${quads} + quad] = value;`,
      "}"
    )
  }
  return lines
}

const batchBase = (operand: GemmOperand, axes: ReadonlyArray<string>): string =>
  place({ offset: operand.offset, strides: operand.batch }, axes)

/**
 * The shader of a product with one store, with its epilogue.
 *
 * @example
 * const [a, b] = [build.input("a", [256, 256], "f32"), build.input("b", [256, 256], "f32")]
 * const product = Tensor.matmul(Tensor.fromNode(a, [256, 256]), Tensor.fromNode(b, [256, 256]))
 * const { steps } = Kernel.lower({ inputs: [a, b], outputs: [product.node] }, Kernel.gpujsOptions)
 * const [{ kernel }] = steps
 * const tile = kernel.kind === "gemm" ? GpuJs.tileFor(kernel) : null
 * kernel.kind === "gemm" && tile !== null && GpuJs.gemmShader(kernel, tile).groups // => [4, 4, 1]
 */
export const gemmShader = (kernel: GemmKernel, tile: Tile): Shader => {
  const { a, b, batch, k, m, n } = kernel
  const store = kernel.stores[0]!
  const params = new Set([
    a.buffer,
    b.buffer,
    ...kernel.exprs.flatMap((expr) => (expr.op === "load" ? [expr.buffer] : []))
  ])
  const names = buffers(params.size)
  const axes = batch.map((_, axis) => `i${axis}`)
  const quads = side * tile.quads
  const q = Array.from({ length: tile.quads }, (_, i) => i)
  const lanes = [0, 1, 2, 3]
  const epilogue = body(
    kernel.exprs,
    [store.value],
    [],
    batch.length + 2,
    wgsl([...axes, "m", "n"], (param) => names[param]!)
  )
  const inside = print(
    [...epilogue.statements, `result[${place(store.at, [...axes, "m", "n"])}] = ${epilogue.values[0]!};`],
    "  "
  )
  const called = functionsFor(inside)
  const guard = [...(m % edge(tile) === 0 ? [] : [`m < ${m}`]), ...(n % edge(tile) === 0 ? [] : [`n < ${n}`])].join(
    " && "
  )
  const unpack: Array<string> = ["  var rest = i32(group.z);"]
  batch.toReversed().forEach((extent, i) => {
    const axis = batch.length - 1 - i
    unpack.push(`  let i${axis} = rest % ${extent};`, `  rest = rest / ${extent};`)
  })
  const source = `${names.map((name, i) => `@group(0) @binding(${i}) var<storage, read> ${name} : array<f32>;`).join("\n")}
@group(0) @binding(${params.size}) var<storage, read_write> result : array<f32>;
var<workgroup> tileA : array<vec4<f32>, ${tile.depth * quads}>;
var<workgroup> tileB : array<vec4<f32>, ${tile.depth * quads}>;
${/\bspecial\(/.test(inside) ? special : ""}
${called.join("\n")}
fn store(${[...axes, "m", "n"].map((axis) => `${axis} : i32, `).join("")}product : f32) {
${inside}
}
@compute @workgroup_size(${side * side})
fn main(@builtin(local_invocation_index) local : u32, @builtin(workgroup_id) group : vec3<u32>) {
  let thread = i32(local);
  let column = thread % ${side};
  let row = thread / ${side};
  let firstRow = i32(group.y) * ${edge(tile)};
  let firstColumn = i32(group.x) * ${edge(tile)};
${batch.length === 0 ? "" : unpack.join("\n")}
  let baseA = ${batchBase(a, axes)};
  let baseB = ${batchBase(b, axes)};
${q.flatMap((i) => lanes.flatMap((r) => q.map((j) => `  var c${i}${r}${j} = vec4<f32>();`))).join("\n")}
  for (var step = 0; step < ${k}; step += ${tile.depth}) {
${load("tileA", names[a.buffer]!, "baseA", { quad: a.rows, depth: a.columns }, { quad: m, depth: k }, "firstRow", tile)
  .map((line) => `    ${line}`)
  .join("\n")}
${load(
  "tileB",
  names[b.buffer]!,
  "baseB",
  { quad: b.columns, depth: b.rows },
  { quad: n, depth: k },
  "firstColumn",
  tile
)
  .map((line) => `    ${line}`)
  .join("\n")}
    workgroupBarrier();
    for (var depth = 0; depth < ${tile.depth}; depth++) {
${q.map((i) => `      let a${i} = tileA[depth * ${quads} + row + ${i * side}];`).join("\n")}
${q.map((j) => `      let b${j} = tileB[depth * ${quads} + column + ${j * side}];`).join("\n")}
${q.flatMap((i) => lanes.flatMap((r) => q.map((j) => `      c${i}${r}${j} = fma(vec4<f32>(a${i}[${r}]), b${j}, c${i}${r}${j});`))).join("\n")}
    }
    workgroupBarrier();
  }
${q
  .flatMap((i) =>
    lanes.flatMap((r) => [
      `  {`,
      `    let m = firstRow + (row + ${i * side}) * 4 + ${r};`,
      ...q.flatMap((j) =>
        lanes.map((c) => {
          const n = `firstColumn + (column + ${j * side}) * 4 + ${c}`
          const call = `store(${[...axes, "m", "n"].join(", ")}, c${i}${r}${j}[${c}]);`
          return guard === "" ? `    { let n = ${n}; ${call} }` : `    { let n = ${n}; if (${guard}) { ${call} } }`
        })
      ),
      `  }`
    ])
  )
  .join("\n")}
}`
  return { source, groups: [Math.ceil(n / edge(tile)), Math.ceil(m / edge(tile)), size(batch)] }
}
