/**
 * How one product is carried out: pure decisions from its sizes and strides.
 */
import type { Affine, GemmKernel, Store } from "../../kernel/ir.ts"
import { withMap } from "../../kernel/operands.ts"
import { dotRows } from "./gemm-dot.ts"
import { tileShape } from "./gemm-tile.ts"
import type { Tier } from "./tier.ts"

export interface GemmPlan {
  readonly kernel: GemmKernel
  /** `dot` for few rows with B contiguous along k, else register tiles. */
  readonly method: "tiles" | "dot"
  /** How A is read: as it lies (k contiguous / rows contiguous) or packed from one of these or from any strides. */
  readonly a: "rows" | "panel" | "pack-neighbours" | "pack-strided"
  /** How B is read: as it lies (columns contiguous), or so by the first tile and then from a copy, or packed before. */
  readonly b: "direct" | "copy" | "pack-transposed" | "pack-strided"
  /** The product goes straight into the only store, or into a block of scratch that the epilogue reads. */
  readonly target: "store" | "block"
  /** Height and width of a register tile. */
  readonly tile: { readonly rows: number; readonly columns: number }
  /** What begin and end count: tiles of rows or of columns, over all batch points. */
  readonly shard: "rows" | "columns"
  /** Shards of one batch point and of all. */
  readonly unitsPerPoint: number
  readonly extent: number
  /** Height and width of one shard. */
  readonly unit: number
  /** Block sizes; `superRows` bounds the rows of a block that several k blocks add up in. */
  readonly kBlock: number
  readonly rowBlock: number
  readonly columnBlock: number
  readonly superRows: number
  /** Byte offsets in scratch and its size. Rows of the product block are `blockStride` bytes apart. */
  readonly packedB: number
  readonly packedA: number
  readonly block: number
  readonly blockStride: number
  readonly scratchBytes: number
}

/** Up to here k is one block: the sums never leave the registers. */
const wholeK = 512
const kBlockTarget = 384
const rowBlockTarget = 96
/** Packed B stays in the second-level cache, the block of products beside it. */
const packedBFloats = 2 ** 18
const blockFloats = 2 ** 16
const superRowsTarget = 768
/** With fewer tiles of rows than this per panel, writing a copy of B costs more than it saves. */
const tilesWorthPackingB = 4
/** A B of at most this many elements stays in the nearer caches as it lies. */
const smallB = 2 ** 14
/** With fewer panels than this, copying a transposed A costs more than reading it where it lies. */
const panelsWorthPackingA = 12

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to
const product = (sizes: ReadonlyArray<number>): number => sizes.reduce((total, size) => total * size, 1)

/** The product alone, stored with columns contiguous in whole vectors: no epilogue is needed. */
const plainStore = (kernel: GemmKernel): boolean => {
  const [store] = kernel.stores
  const axes = kernel.batch.length
  return (
    kernel.stores.length === 1 &&
    kernel.exprs[store!.value]!.op === "product" &&
    store!.at.strides[axes + 1] === 1 &&
    kernel.n % 4 === 0
  )
}

/** C^T = B^T A^T, with the loop axes of the epilogue renamed accordingly. */
export const transposed = (kernel: GemmKernel): GemmKernel => {
  const m = kernel.batch.length
  const swap = ({ offset, strides }: Affine): Affine => ({
    offset,
    strides: [...strides.slice(0, m), strides[m + 1]!, strides[m]!]
  })
  const axis = (index: number): number => (index === m ? m + 1 : index === m + 1 ? m : index)
  const operand = ({ rows, columns, ...rest }: GemmKernel["a"]) => ({ ...rest, rows: columns, columns: rows })
  return {
    ...kernel,
    m: kernel.n,
    n: kernel.m,
    a: operand(kernel.b),
    b: operand(kernel.a),
    exprs: kernel.exprs.map((expr) =>
      expr.op === "choose" ? { ...expr, axis: axis(expr.axis) } : withMap(expr, swap)
    ),
    stores: kernel.stores.map((store): Store => ({ ...store, at: swap(store.at) }))
  }
}

/** Whether the other way round is better: the result lies transposed, or there are fewer columns than lanes. */
const betterTransposed = ({ batch, m, n, stores }: GemmKernel): boolean => {
  const [row, column] = [batch.length, batch.length + 1]
  const stride = (axis: number): number => stores[0]?.at.strides[axis] ?? 0
  if (n < 4) return m > n
  return m >= 4 && stride(column) !== 1 && stride(row) === 1
}

/** One or two rows leave registers free: wider tiles keep more of B on its way at once. */
const tileFor = (tier: Tier, m: number): GemmPlan["tile"] => {
  const { rows, columns } = tileShape[tier]
  return { rows, columns: m > 2 ? columns : (4 / Math.max(1, m)) * columns }
}

export const planGemm = (given: GemmKernel, tier: Tier): GemmPlan => {
  const kernel = betterTransposed(given) ? transposed(given) : given
  const { m, n, k, a, b } = kernel
  const tile = tileFor(tier, m)
  const points = product(kernel.batch)
  const rowTiles = Math.ceil(m / tile.rows)
  const panels = Math.ceil(n / tile.columns)
  const contiguousK = k === 1 || a.columns === 1
  const contiguousRows = m === 1 || a.rows === 1
  const contiguousColumns = n === 1 || b.columns === 1

  const method = m <= dotRows && k >= 8 && !contiguousColumns && b.rows === 1 ? "dot" : "tiles"
  const target = plainStore(kernel) ? "store" : "block"
  const aMode = contiguousK
    ? "rows"
    : method === "dot" || !contiguousRows
      ? "pack-strided"
      : panels < panelsWorthPackingA
        ? "panel"
        : "pack-neighbours"
  const bMode = contiguousColumns
    ? rowTiles < tilesWorthPackingB || n * k <= smallB
      ? "direct"
      : "copy"
    : b.rows === 1
      ? "pack-transposed"
      : "pack-strided"

  const shard = method === "tiles" && (points >= 4 || rowTiles >= 2 * panels) ? "rows" : "columns"
  const unit = shard === "rows" ? tile.rows : method === "dot" ? 4 : tile.columns
  const unitsPerPoint = Math.ceil((shard === "rows" ? m : n) / unit)

  const kBlock = method === "dot" || k <= wholeK ? k : roundUp(k / Math.ceil(k / kBlockTarget), 4)
  const rowBlock = Math.min(roundUp(m, tile.rows), Math.floor(rowBlockTarget / tile.rows) * tile.rows)
  const superRows = target === "block" && kBlock < k ? Math.min(roundUp(m, tile.rows), superRowsTarget) : m
  const blockRows = kBlock < k ? superRows : rowBlock
  const widest = Math.min(
    method === "tiles" ? packedBFloats / Math.max(1, kBlock) : n,
    target === "block" ? Math.max(blockFloats / Math.max(1, rowBlock), 256) : n
  )
  // Blocks of one width: a narrow last one would pack A anew for little.
  const columnBlocks = Math.max(1, Math.ceil(n / Math.max(widest, tile.columns)))
  const columnBlock = roundUp(Math.max(1, n) / columnBlocks, tile.columns)

  const packsB = method === "tiles" && k > 0
  const packedBBytes = !packsB ? 0 : 4 * kBlock * (bMode === "direct" ? tile.columns : columnBlock)
  const packedABytes = aMode === "rows" || aMode === "panel" ? 0 : 4 * kBlock * roundUp(rowBlock, tile.rows) + 64
  const blockStride = 4 * columnBlock
  const packedA = roundUp(packedBBytes, 64)
  const block = packedA + roundUp(packedABytes, 64)
  return {
    kernel,
    method,
    a: aMode,
    b: bMode,
    target,
    tile,
    shard,
    unitsPerPoint,
    extent: points * unitsPerPoint,
    unit,
    kBlock,
    rowBlock,
    columnBlock,
    superRows,
    packedB: 0,
    packedA,
    block,
    blockStride,
    scratchBytes: block + (target === "block" ? blockRows * blockStride : 0)
  }
}
