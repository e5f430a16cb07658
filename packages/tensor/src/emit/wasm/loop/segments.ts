import type { Expr } from "../../../kernel/ir.ts"

/** The ranges of an axis in which every `choose` on it takes one side. */
export const segmentsOf = (
  exprs: ReadonlyArray<Expr>,
  axis: number,
  extent: number
): ReadonlyArray<readonly [number, number]> => {
  const cuts = new Set<number>([0, extent])
  for (const expr of exprs)
    if (expr.op === "choose" && expr.axis === axis && expr.at > 0 && expr.at < extent) cuts.add(expr.at)
  const sorted = [...cuts].sort((a, b) => a - b)
  return sorted.slice(1).map((to, i) => [sorted[i]!, to] as const)
}
