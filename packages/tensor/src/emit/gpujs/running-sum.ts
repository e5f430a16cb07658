/** Running sums: a short one is a loop for each element, a long one goes by chunks. */
import type { LoopKernel, ScanKernel } from "../../kernel/ir.ts"
import { withMap } from "../../kernel/operands.ts"
import type { Fresh } from "./long.ts"
import { scanLoop } from "./loops.ts"
import { pruned, rowMajor, type Piece } from "./rewrite.ts"

/** Longer ones go by chunks. */
const longest = 256

/** Elements of a chunk: each adds up those before it, and a side of a WebGL texture has no more than 8192 chunks. */
const wantedOf = (length: number): number => Math.max(64, Math.ceil(length / 8192))

interface Scan {
  readonly kernel: ScanKernel
  readonly args: ReadonlyArray<number>
}

/** A running sum; of a long axis by chunks: their sums, the running sum of those, then each element from the chunk before it. */
export const runningSum = ({ args, kernel }: Scan, name: string, fresh: Fresh): ReadonlyArray<Piece> => {
  const { dtype, inner, length, outer } = kernel
  if (outer * length * inner === 0) return []
  if (length <= longest) return [pruned({ kernel: scanLoop(kernel), args })]
  const wanted = wantedOf(length)
  const chunk = divisorNear(length, wanted)
  if (Math.max(chunk / wanted, wanted / chunk) > 4)
    return padded({ kernel, args }, Math.ceil(length / wanted) * wanted, name, fresh)
  const chunks = length / chunk
  const from = args[kernel.from]!
  const to = args[kernel.to]!
  const sums = fresh(dtype, outer * chunks * inner, `${name}.chunks`)
  const running = fresh(dtype, outer * chunks * inner, `${name}.running`)
  const at = (strides: ReadonlyArray<number>, offset = 0) => ({ offset, strides })
  const total: LoopKernel = {
    kind: "loop",
    axes: [outer * chunks, inner],
    row: [chunk],
    exprs: [
      { op: "load", buffer: 0, at: at([chunk * inner, 1, inner]), dtype },
      { op: "reduce", fn: "sum", x: 0, dtype }
    ],
    stores: [{ buffer: 1, at: at([inner, 1, 0]), value: 1, row: false }]
  }
  const local = scanLoop({ kind: "scan", outer: outer * chunks, length: chunk, inner, from: 0, to: 2, dtype })
  const sum = local.stores[0]!.value
  // Axes: outer, chunk, within the chunk, inner; the row is the chunk.
  const split = ([o, l, i, r]: ReadonlyArray<number>) => [o! * chunks, o!, l!, i!, r!]
  const elements: LoopKernel = {
    kind: "loop",
    axes: [outer, chunks, chunk, inner],
    row: [chunk],
    exprs: [
      ...local.exprs.map((expr) => withMap(expr, (map) => at(split(map.strides), map.offset))),
      { op: "load", buffer: 1, at: at([chunks * inner, inner, 0, 1, 0], -inner), dtype },
      { op: "literal", value: 0, dtype },
      { op: "choose", axis: 1, at: 1, below: sum + 2, above: sum + 1, dtype },
      { op: "binary", fn: "add", a: sum, b: sum + 3, dtype }
    ],
    stores: [{ buffer: 2, at: at([length * inner, chunk * inner, inner, 1, 0]), value: sum + 4, row: false }]
  }
  return [
    pruned({ kernel: total, args: [from, sums] }),
    ...runningSum({ kernel: { ...kernel, length: chunks, from: 0, to: 1 }, args: [sums, running] }, name, fresh),
    pruned({ kernel: elements, args: [from, running, to] })
  ]
}

/** The running sum of a length that has no divisors to speak of, within that of a longer one. */
const padded = ({ args, kernel }: Scan, longer: number, name: string, fresh: Fresh): ReadonlyArray<Piece> => {
  const { dtype, inner, length, outer } = kernel
  const [from, sums] = ["padded", "sums"].map((label) => fresh(dtype, outer * longer * inner, `${name}.${label}`))
  const dense = (extent: number) => ({ offset: 0, strides: rowMajor([outer, extent, inner]) })
  const longAxes = { kind: "loop", axes: [outer, longer, inner], row: [] } as const
  const pad: LoopKernel = {
    ...longAxes,
    exprs: [
      { op: "load", buffer: 0, at: dense(length), dtype },
      { op: "literal", value: 0, dtype },
      { op: "choose", axis: 1, at: length, below: 0, above: 1, dtype }
    ],
    stores: [{ buffer: 1, at: dense(longer), value: 2, row: false }]
  }
  const cut: LoopKernel = {
    ...longAxes,
    axes: [outer, length, inner],
    exprs: [{ op: "load", buffer: 0, at: dense(longer), dtype }],
    stores: [{ buffer: 1, at: dense(length), value: 0, row: false }]
  }
  return [
    { kernel: pad, args: [args[kernel.from]!, from!] },
    ...runningSum({ kernel: { ...kernel, length: longer, from: 0, to: 1 }, args: [from!, sums!] }, name, fresh),
    { kernel: cut, args: [sums!, args[kernel.to]!] }
  ]
}

/** The divisor of `n` closest to `wanted`. */
const divisorNear = (n: number, wanted: number): number => {
  let best = 1
  for (let divisor = 2; divisor <= n; divisor++)
    if (n % divisor === 0 && Math.abs(divisor - wanted) < Math.abs(best - wanted)) best = divisor
  return best
}
